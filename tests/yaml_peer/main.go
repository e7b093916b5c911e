// Reads inputs from standard input, each after its length as four bytes (little-endian), and prints a line for each: a JSON
// object of the values that apimachinery's decoder makes of it and of how sigs.k8s.io/yaml writes each of them, or the error
// as a JSON string.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/util/yaml"
	writer "sigs.k8s.io/yaml"
)

type answer struct {
	Values []json.RawMessage `json:"values"`
	Yaml   []string          `json:"yaml"`
}

// As opm writes a value: its JSON, read as YAML.
func written(document json.RawMessage) (text string) {
	defer func() {
		if panicked := recover(); panicked != nil {
			text = fmt.Sprintf("panic: %v", panicked)
		}
	}()
	yaml, err := writer.JSONToYAML(document)
	if err != nil {
		return "error: " + err.Error()
	}
	return string(yaml)
}

func decode(input []byte) (documents []json.RawMessage, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	documents = []json.RawMessage{}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(input), 4096)
	for {
		document := json.RawMessage{}
		if err := decoder.Decode(&document); err != nil {
			if errors.Is(err, io.EOF) {
				return documents, nil
			}
			return nil, err
		}
		// Nothing but comments.
		if len(document) == 0 {
			document = json.RawMessage("null")
		}
		documents = append(documents, document)
	}
}

func main() {
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	for {
		var length uint32
		if err := binary.Read(in, binary.LittleEndian, &length); err != nil {
			return
		}
		input := make([]byte, length)
		if _, err := io.ReadFull(in, input); err != nil {
			return
		}
		documents, err := decode(input)
		told := answer{Values: documents}
		for _, document := range documents {
			told.Yaml = append(told.Yaml, written(document))
		}
		var all any = told
		if err != nil {
			all = err.Error()
		}
		line, err := json.Marshal(all)
		if err != nil {
			line, _ = json.Marshal("cannot be written: " + err.Error())
		}
		out.Write(append(line, '\n'))
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}
