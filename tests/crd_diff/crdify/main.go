// Writes into cases.jsonl what sigs.k8s.io/crdify finds, set up as operator-controller 1.11 sets it up: `go run .` here.
//
// Each line is {"why": …, "old": …, "new": …, "found": …}. The sides are CustomResourceDefinitions, or files of some in this
// repository. What is found is a sorted list of [version, field, check], or where that is long, how often each check fails.
// The old definition's stored versions are its storage version, as nobody knows the cluster's. crdify compares messages whose
// order is random, so that some runs find more: what every run finds counts.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/crdify/pkg/config"
	"sigs.k8s.io/crdify/pkg/runner"
	"sigs.k8s.io/crdify/pkg/validations/property"
	"sigs.k8s.io/crdify/pkg/validators/version"
	"sigs.k8s.io/yaml"
)

const (
	// How many findings are listed.
	listed = 40
	// How often crdify is asked.
	runs = 20
)

type testCase struct {
	Why   string          `json:"why"`
	Old   json.RawMessage `json:"old"`
	New   json.RawMessage `json:"new"`
	Found any             `json:"found"`
}

func main() {
	run, err := runner.New(settings(), runner.DefaultRegistry())
	check(err)
	text, err := os.ReadFile("cases.jsonl")
	check(err)
	var output bytes.Buffer
	encoder := json.NewEncoder(&output)
	encoder.SetEscapeHTML(false)
	decoder := json.NewDecoder(bytes.NewReader(text))
	for decoder.More() {
		var one testCase
		check(decoder.Decode(&one))
		before, after := read(one.Old), read(one.New)
		for _, version := range before.Spec.Versions {
			if version.Storage {
				before.Status.StoredVersions = append(before.Status.StoredVersions, version.Name)
			}
		}
		all := found(run.Run(before, after))
		for i := 1; i < runs; i++ {
			again := found(run.Run(before, after))
			all = slices.DeleteFunc(all, func(finding [3]string) bool { return !slices.Contains(again, finding) })
		}
		one.Found = all
		if len(all) > listed {
			counts := map[string]int{}
			for _, finding := range all {
				counts[finding[2]]++
			}
			one.Found = counts
		}
		check(encoder.Encode(one))
	}
	check(os.WriteFile("cases.jsonl", output.Bytes(), 0o644))
}

// A definition, or the file that has it.
func read(side json.RawMessage) *apiextensionsv1.CustomResourceDefinition {
	var file string
	if json.Unmarshal(side, &file) == nil {
		text, err := os.ReadFile(filepath.Join("../../..", file))
		check(err)
		side = text
	}
	var crd apiextensionsv1.CustomResourceDefinition
	check(yaml.Unmarshal(side, &crd))
	return &crd
}

func settings() *config.Config {
	return &config.Config{
		Conversion:           config.ConversionPolicyIgnore,
		UnhandledEnforcement: config.EnforcementPolicyError,
		Validations: []config.ValidationConfig{
			{Name: "description", Enforcement: config.EnforcementPolicyNone},
			{
				Name:          "enum",
				Enforcement:   config.EnforcementPolicyError,
				Configuration: map[string]interface{}{"additionPolicy": property.AdditionPolicyAllow},
			},
		},
	}
}

// What is found. Of a field that is gone, nothing else is told.
func found(results *runner.Results) [][3]string {
	all := [][3]string{}
	gone := map[[2]string]bool{}
	for _, result := range results.CRDValidation {
		for _, text := range result.Errors {
			at, field := "", ""
			if result.Name == "existingFieldRemoval" {
				at, field, _ = strings.Cut(strings.TrimPrefix(text, "removed field : "), ".^")
				gone[[2]string{at, field}] = true
			}
			all = append(all, [3]string{at, field, result.Name})
		}
	}
	for _, finding := range of(results.SameVersionValidation) {
		if !gone[[2]string{finding[0], finding[1]}] {
			all = append(all, finding)
		}
	}
	all = append(all, of(results.ServedVersionValidation)...)
	slices.SortFunc(all, func(a, b [3]string) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(all)
}

func of(versions []version.VersionedPropertyComparisonResult) [][3]string {
	var all [][3]string
	for _, version := range versions {
		for _, property := range version.PropertyComparisons {
			for _, result := range property.ComparisonResults {
				if len(result.Errors) > 0 {
					field := strings.TrimPrefix(property.Property, "^")
					all = append(all, [3]string{version.Version, field, result.Name})
				}
			}
		}
	}
	return all
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
