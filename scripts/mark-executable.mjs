// `tsc` emits files without the executable bit; npm sets it on install, but `npx wfplab` inside the checkout needs it now.
import { chmodSync } from "node:fs";

chmodSync(new URL("../dist/cli/main.js", import.meta.url), 0o755);
