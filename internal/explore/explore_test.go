package explore

import (
	"slices"
	"testing"
)

const n1, n2 = "n1", "n2"

// none is a cluster that has no node yet.
func none(*world) {}

// held is a node that has joined, has no session, and is known to the manager.
func held(w *world) {
	w.join(n1)
	w.round(newest(w))
}

// peered is a node that has been confirmed.
func peered(w *world) {
	w.router.up[addressOf(n1)] = true
	held(w)
	w.round(newest(w))
	w.round(newest(w))
}

// losing is a node that has been confirmed and has been without its session for the grace period, as the manager knows.
func losing(w *world) {
	peered(w)
	w.router.up[addressOf(n1)] = false
	w.round(newest(w))
	w.wait(tick)
	newest(w).sync()
	newest(w).poll(w.router)
}

// lost is that, tainted for it.
func lost(w *world) {
	losing(w)
	w.round(newest(w))
}

// returning is that, with the session back, as the manager knows.
func returning(w *world) {
	lost(w)
	w.router.up[addressOf(n1)] = true
	newest(w).sync()
	newest(w).poll(w.router)
}

// oneOfTwoLost is a node that is lost, and a second one that is peered, where only one node may be lost.
func oneOfTwoLost(w *world) {
	w.allow(1)
	w.router.up[addressOf(n2)] = true
	w.join(n2)
	lost(w)
}

// upTo limits how often an action happens.
func upTo(times int, a action) action {
	a.atMost = times
	return a
}

func TestExplore(t *testing.T) {
	one := controls("the", newest, n1)
	both := slices.Concat(controls("the new", newest, n1), controls("the old", oldest, n1), []action{upTo(1, elects())})
	scenarios := map[string]scenario{
		"a node joins while the manager is killed": {8, none, slices.Concat(one, []action{
			upTo(1, joins(n1)), upTo(2, turns(n1)), upTo(1, hushes()), upTo(1, dies()), upTo(2, waits())})},
		"a node loses its session while the manager is killed": {7, peered, slices.Concat(one, []action{
			upTo(2, turns(n1)), upTo(1, hushes()), upTo(1, dies()), upTo(2, waits())})},
		"a node comes back while the manager is killed": {7, returning, slices.Concat(one, []action{
			upTo(2, turns(n1)), upTo(1, hushes()), upTo(1, dies()), upTo(2, waits())})},
		"a node is replaced by another of its name and address": {8, losing, slices.Concat(one, []action{
			upTo(1, leaves(n1)), upTo(1, joins(n1)), upTo(1, turns(n1)), upTo(1, dies()), upTo(1, webhooksGo())})},
		"two managers believe that they lead while a node is held": {7, held, slices.Concat(both, []action{
			upTo(2, turns(n1)), upTo(1, waits())})},
		"two managers believe that they lead while a node is lost": {7, peered, slices.Concat(both, []action{
			upTo(2, turns(n1)), upTo(1, waits())})},
		"somebody else writes taints": {7, held, slices.Concat(one, []action{
			upTo(2, copies(n1)), upTo(1, locks()), upTo(2, overwrites()), upTo(1, webhooksGo()), upTo(1, turns(n1)), upTo(1, kubeletReports(n1))})},
		"administrators change their minds": {7, held, slices.Concat(one, []action{
			upTo(2, exempts(n1)), upTo(2, policyGoes()), upTo(1, turns(n1)), upTo(1, dies()), upTo(1, kubeletReports(n1))})},
		"the definition is deleted and comes back while a node is held": {8, held, slices.Concat(one, []action{
			upTo(3, definitionTurns()), upTo(1, policyReturns()), upTo(1, turns(n1)), upTo(1, dies()), upTo(1, waits())})},
		"the definition is deleted and comes back while a node is lost": {7, losing, slices.Concat(one, []action{
			upTo(3, definitionTurns()), upTo(1, policyReturns()), upTo(1, turns(n1)), upTo(1, waits())})},
		"the guard stands before a second loss": {7, oneOfTwoLost, slices.Concat(controls("the", newest, n1, n2), []action{
			upTo(1, turns(n1)), upTo(1, turns(n2)), upTo(1, dies()), upTo(2, waits())})},
	}
	for name, s := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.explore(t)
		})
	}
}
