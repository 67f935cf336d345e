#!/usr/bin/env node
import { EXIT } from "./exit-status.ts";
import { nodeIo } from "./node-io.ts";
import { runCli } from "./run-cli.ts";

// A reader that has seen enough (`| head`) closes the pipe; that is no error, and there is nobody left to tell.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? Number(process.exitCode ?? EXIT.ok) : EXIT.internal);
  });
}

// Ctrl-C needs no handler: Node's default ends the process at once, also in the middle of long work.
process.exitCode = await runCli(process.argv.slice(2), nodeIo());
