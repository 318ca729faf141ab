package main

import (
	"math"
	"math/rand"
	"sync"
	"time"
)

// The robot world: every robot a goroutine with an unbuffered channel, the world two goroutines, the same messages as in
// Sources/RobotWorld.

const wall = 496

type vector struct{ angle, velocity float64 }

type kind uint8

const (
	join kind = iota
	updateVector
	collision
	worldState
)

// What one actor tells another. The sender's channel is its identity.
type message struct {
	sender chan message
	kind   kind
	entry  entry
	state  []entry
}

type entry struct {
	x, y    float64
	heading vector
	shown   bool
}

type world struct {
	in    chan message
	lock  sync.Mutex
	seats map[chan message]int
	// The next one to answer is nearly always the one behind the last.
	likely  int
	actors  []chan message
	entries []entry
}

func (w *world) seat(actor chan message) int {
	if w.likely >= len(w.actors) || w.actors[w.likely] != actor {
		w.likely = w.seats[actor]
	}
	w.likely++
	return w.likely - 1
}

func (w *world) receive() {
	for {
		m := <-w.in
		w.lock.Lock()
		switch m.kind {
		case join:
			w.seats[m.sender] = len(w.actors)
			w.actors = append(w.actors, m.sender)
			w.entries = append(w.entries, m.entry)
		case updateVector:
			w.entries[w.seat(m.sender)].heading = m.entry.heading
		}
		w.lock.Unlock()
	}
}

func (w *world) turn() {
	for {
		w.lock.Lock()
		count := len(w.actors)
		w.lock.Unlock()
		for seat := 0; seat < count; seat++ {
			w.move(seat)
		}
		w.lock.Lock()
		state := append([]entry(nil), w.entries[:count]...)
		actors := w.actors[:count]
		w.lock.Unlock()
		for _, actor := range actors {
			actor <- message{sender: w.in, kind: worldState, state: state}
		}
	}
}

func (w *world) move(seat int) {
	w.lock.Lock()
	e := &w.entries[seat]
	if !e.shown {
		w.lock.Unlock()
		return
	}
	right, down := e.heading.direction()
	x := e.x + right*e.heading.velocity
	y := e.y + down*e.heading.velocity
	if x >= 0 && x <= wall && y >= 0 && y <= wall {
		e.x, e.y = x, y
		w.lock.Unlock()
		return
	}
	actor := w.actors[seat]
	w.lock.Unlock()
	actor <- message{sender: w.in, kind: collision}
}

// Those of all half degrees: nearly nothing else occurs, and a sine costs as much as a switch.
var directions = func() (all [720][2]float64) {
	for half := range all {
		radians := float64(half) / 2 * (math.Pi / 180)
		all[half] = [2]float64{math.Sin(radians), -math.Cos(radians)}
	}
	return
}()

func (v *vector) direction() (right, down float64) {
	halves := v.angle * 2
	if halves >= 0 && halves < 720 {
		if index := int(halves); float64(index) == halves {
			return directions[index][0], directions[index][1]
		}
	}
	radians := v.angle * (math.Pi / 180)
	return math.Sin(radians), -math.Cos(radians)
}

// FNV-1a over the bytes of a number.
type digest uint64

func (d *digest) add(number float64) {
	word := math.Float64bits(number)
	value := uint64(*d)
	for n := 0; n < 8; n++ {
		value = (value ^ word&0xff) * 0x100000001b3
		word >>= 8
	}
	*d = digest(value)
}

func (v *vector) turn(degrees float64) {
	v.angle += degrees
	if v.angle >= 360 {
		v.angle -= 360
	}
}

func fly(w *world, in chan message, heading vector) {
	for {
		switch m := <-in; m.kind {
		case worldState:
			heading.turn(0.5)
			w.in <- message{sender: in, kind: updateVector, entry: entry{heading: heading}}
		case collision:
			heading.turn(73)
		}
	}
}

// `size` robots make count / size steps; one operation is a step of one robot.
func robots(count, size int) (time.Duration, int) {
	random := rand.New(rand.NewSource(1))
	w := &world{in: make(chan message), seats: map[chan message]int{}}
	go w.receive()
	for n := 0; n < size; n++ {
		in := make(chan message)
		heading := vector{float64(random.Intn(720)) / 2, float64(1 + random.Intn(10))}
		go fly(w, in, heading)
		place := entry{float64(random.Intn(wall + 1)), float64(random.Intn(wall + 1)), heading, true}
		w.in <- message{sender: in, kind: join, entry: place}
	}
	// The last one to join sees every state, as the display does.
	display := make(chan message)
	w.in <- message{sender: display, kind: join}
	go w.turn()
	<-display
	start := time.Now()
	shown := 0
	total := digest(0xcbf29ce484222325)
	for step := 0; step < count/size; step++ {
		for _, e := range (<-display).state {
			if e.shown {
				shown++
				total.add(e.x)
				total.add(e.y)
				total.add(e.heading.angle)
				total.add(e.heading.velocity)
			}
		}
	}
	elapsed := time.Since(start)
	check(shown, count/size*size)
	if total == 0 {
		panic("no digest")
	}
	return elapsed, 0
}
