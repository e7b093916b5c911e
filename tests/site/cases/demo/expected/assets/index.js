const catalogIndex = [
["package","Demo","demo Keeps notes","packages/demo/index.html"],
["api","Note v1","notes.example.com Demo","packages/demo/demo.v1.1.0/crds/notes.example.com/v1/index.html"],
["version","Demo 2.0.0-rc.1","demo.v2.0.0-rc.1","packages/demo/demo.v2.0.0-rc.1/index.html"],
["version","Demo 1.1.0","demo.v1.1.0","packages/demo/demo.v1.1.0/index.html"],
["version","Demo 1.0.0","demo.v1.0.0","packages/demo/demo.v1.0.0/index.html"]
];
