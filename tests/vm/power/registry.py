#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""registry.py LAYOUT PORT: a registry on loopback that serves what is in an OCI layout."""
import http.server
import json
import os
import sys

LAYOUT, PORT = sys.argv[1], int(sys.argv[2])
with open(os.path.join(LAYOUT, "index.json"), encoding="utf-8") as index:
    TAGS = {m["annotations"]["org.opencontainers.image.ref.name"]: m for m in json.load(index)["manifests"]}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def find(self):
        """The digest and type of what the path names."""
        parts = self.path.strip("/").split("/")
        if parts == ["v2"]:
            return None, "application/json"
        name, kind, what = parts[1:]
        if kind == "manifests":
            entry = TAGS[name]
            return entry["digest"], entry["mediaType"]
        return what, "application/octet-stream"

    def do_GET(self):
        digest, kind = self.find()
        data = b"{}"
        if digest:
            with open(os.path.join(LAYOUT, "blobs", "sha256", digest[7:]), "rb") as blob:
                data = blob.read()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if digest:
            self.send_header("Docker-Content-Digest", digest)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
