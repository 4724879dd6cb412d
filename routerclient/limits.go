package routerclient

// MaxSessions bounds the sessions of a snapshot, its listen ranges, and its VRFs. No router has a tenth of that for
// neighbors; but an answer of the size that a wordy platform needs for some thousands holds hundreds of thousands in the
// shortest words, for which the manager has no memory.
const MaxSessions = 1 << 16

// CheckSessions returns an error if so many sessions, or listen ranges, or VRFs, are more than a snapshot may have. Drivers
// ask while they read, before they make room for another.
func CheckSessions(n int) error {
	if n <= MaxSessions {
		return nil
	}
	return Errorf(ReasonAnswerTooLarge, "more than %d neighbors, or ranges of them, or VRFs", MaxSessions)
}
