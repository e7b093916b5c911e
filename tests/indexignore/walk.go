package main

import (
	"io/fs"
	"sort"
	"strings"
	"testing/fstest"
)

func sortStrings(list []string) { sort.Strings(list) }

// clashes tells whether another path needs this one, or a folder above it, to be something else.
func clashes(path string, paths map[string]bool) bool {
	for other := range paths {
		if strings.HasPrefix(other, path+"/") || strings.HasPrefix(path, other+"/") {
			return true
		}
	}
	return false
}

func walk(files fstest.MapFS) []string {
	paths := []string{}
	fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			paths = append(paths, path)
		}
		return nil
	})
	return paths
}
