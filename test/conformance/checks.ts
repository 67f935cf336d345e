/** Registers every check. */
import "./sections/a-arbitration.ts";
import "./sections/b-conditions.ts";
import "./sections/c-datagrams.ts";
import "./sections/c-sequences.ts";
import "./sections/d-blocks.ts";
import "./sections/d-datagrams.ts";
import "./sections/e-flows.ts";
import "./sections/e-reauthorization.ts";
import "./sections/f-api.ts";
import "./sections/f-firewall.ts";
import "./sections/f-redirect.ts";
