// Writes cases.jsonl: random `.indexignore` files, and what github.com/joelanford/ignore says of the paths beside them.
// Run it in this folder with `go run . > cases.jsonl`; the same modules give the same bytes.
package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strings"
	"testing/fstest"

	"github.com/joelanford/ignore"
)

var names = []string{"a", "b", "demo", "x.yaml", "y.json", "catalog.yaml", "README.md", "*.yaml", "-", "é"}
var parts = []string{"a", "b", "demo", "*", "**", "?", "*.yaml", "*.json", "[a-d]*", "[^a]*", "x.*", "\\*.yaml", "[", "a**", "de?o", "[]a]", "é", ""}

func path(random *rand.Rand) string {
	path := []string{}
	for range 1 + random.Intn(3) {
		path = append(path, names[random.Intn(len(names))])
	}
	return strings.Join(path, "/")
}

func line(random *rand.Rand) string {
	pattern := []string{}
	for range 1 + random.Intn(3) {
		pattern = append(pattern, parts[random.Intn(len(parts))])
	}
	line := strings.Join(pattern, "/")
	if random.Intn(3) == 0 {
		line = "!" + line
	}
	if random.Intn(4) == 0 {
		line += "/"
	}
	if random.Intn(10) == 0 {
		line = "  " + line + " \t"
	}
	if random.Intn(15) == 0 {
		line = "# " + line
	}
	return line
}

func main() {
	random := rand.New(rand.NewSource(1))
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for range 1200 {
		files := fstest.MapFS{}
		paths := map[string]bool{}
		for range 12 {
			paths[path(random)] = true
		}
		order := []string{}
		for candidate := range paths {
			order = append(order, candidate)
		}
		sortStrings(order)
		for _, candidate := range order {
			// A name is a file or a folder, not both.
			if clashes(candidate, paths) {
				continue
			}
			files[candidate] = &fstest.MapFile{}
		}
		folders := []string{""}
		if random.Intn(2) == 0 {
			folders = append(folders, "demo", "a/b")
		}
		said := [][2]string{}
		for _, folder := range folders {
			if _, isFile := files[folder]; isFile || clashes(folder+"/.indexignore", paths) {
				continue
			}
			lines := []string{}
			for range 1 + random.Intn(5) {
				lines = append(lines, line(random))
			}
			text := strings.Join(lines, "\n") + "\n"
			files[strings.TrimPrefix(folder+"/.indexignore", "/")] = &fstest.MapFile{Data: []byte(text)}
			said = append(said, [2]string{folder, text})
		}
		matcher, err := ignore.NewMatcher(files, ".indexignore")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		// In the order of the walk, which is that of the matcher: `-`, `*.yaml` and the like come before the root's own file.
		ordered := [][2]string{}
		for _, want := range walk(files) {
			for _, file := range said {
				if strings.TrimPrefix(file[0]+"/.indexignore", "/") == want {
					ordered = append(ordered, file)
				}
			}
		}
		answers := [][2]any{}
		for _, candidate := range order {
			if _, there := files[candidate]; there {
				answers = append(answers, [2]any{candidate, matcher.Match(candidate, false)})
			}
		}
		out.Encode(map[string]any{"files": ordered, "answers": answers})
	}
}
