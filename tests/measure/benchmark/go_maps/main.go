// SPDX-License-Identifier: BSL-1.0

// Go_maps measures the rule of Docker's image_prune.go with Go's maps, on a population that `benchmark write N` writes to
// its standard input. It is what UnorderedMapPlan does in C++, and parses references as roughly: it adds what Docker
// implies. It prints the median time of 9 plans or more, in nanoseconds for each record, and how many records they delete.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"
)

type record struct{ name, digest string }
type container struct{ id, ref string }

func main() {
	var records []record
	var containers []container
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() && lines.Text() != "" {
		name, digest, _ := strings.Cut(lines.Text(), "\t")
		records = append(records, record{name, digest})
	}
	for lines.Scan() {
		id, ref, _ := strings.Cut(lines.Text(), "\t")
		containers = append(containers, container{id, ref})
	}
	turns := min(max(10_000_000/(len(records)+1), 9), 201)
	times := make([]time.Duration, turns)
	deleted := 0
	for turn := range times {
		start := time.Now()
		deleted = len(prune(records, containers))
		times[turn] = time.Since(start)
	}
	sort.Slice(times, func(a, b int) bool { return times[a] < times[b] })
	fmt.Printf("%.1f %d\n", float64(times[turns/2].Nanoseconds())/float64(len(records)), deleted)
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func max(a, b int) int { return -min(-a, -b) }

// prune returns the records to delete, by name.
func prune(records []record, containers []container) map[string]record {
	toPrune := make(map[string]record, len(records))
	namesLeft := make(map[string]int, len(records))
	for _, r := range records {
		toPrune[r.name] = r
		namesLeft[r.digest]++
	}
	usedDigests := make(map[string]string)
	for _, c := range containers {
		delete(toPrune, "moby-dangling@"+c.id)
		if strings.HasPrefix(c.id, "sha256:"+strings.TrimPrefix(c.ref, "sha256:")) || strings.HasSuffix(c.ref, "@"+c.id) {
			usedDigests[c.id] = ""
		}
		name, digest, _ := strings.Cut(c.ref, "@")
		name = canonical(name)
		if digest == "" {
			delete(toPrune, name)
		} else {
			delete(toPrune, name+"@"+digest)
			delete(toPrune, name)
		}
	}
	for name, r := range toPrune {
		namesLeft[r.digest]--
		if last, used := usedDigests[r.digest]; used && last < name {
			usedDigests[r.digest] = name
		}
	}
	for digest, last := range usedDigests {
		if namesLeft[digest] == 0 {
			delete(toPrune, last)
		}
	}
	return toPrune
}

// canonical adds the domain, the folder and the tag that a name implies.
func canonical(name string) string {
	first, _, slash := strings.Cut(name, "/")
	if !slash {
		name = "docker.io/library/" + name
	} else if !strings.ContainsAny(first, ".:") && first != "localhost" {
		name = "docker.io/" + name
	}
	if strings.LastIndexByte(name, ':') <= strings.LastIndexByte(name, '/') {
		name += ":latest"
	}
	return name
}
