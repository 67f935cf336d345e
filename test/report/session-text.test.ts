import { describe, expect, it } from "vitest";
import type { SessionRecord } from "../../src/model/index.ts";
import { PolicyNames, sessionText } from "../../src/report/index.ts";
import { BLOCKED, indication, layer, NO_MATCH, policy, TEXT, UNDECIDED } from "./records.ts";

const names = new PolicyNames(policy());
const options = {
  ...TEXT,
  title: "tcp-connect: a connection is opened",
  about: [["Server", "wfpstate.xml"]] as const,
  names: new Map([
    ["client", names],
    ["server", names],
  ]),
};

const records: SessionRecord[] = [
  { type: "step", seq: 1, time: 0, title: "server performs a passive open" },
  indication(NO_MATCH, { seq: 2, time: 0, event: "listen", layer: layer("ALE_AUTH_LISTEN_V4") }),
  { type: "outcome", seq: 3, time: 0, host: "server", operation: "listen", result: "ok" },
  { type: "step", seq: 4, time: 0.03, title: "client performs an active open" },
  indication(BLOCKED, { seq: 5 }),
  {
    type: "audit",
    seq: 6,
    time: 0.0312,
    host: "server",
    eventId: 5157,
    data: { ProcessID: "4", Application: "System", Direction: "%%14592" },
  },
  { type: "outcome", seq: 7, time: 21, host: "client", operation: "connect", result: "WSAETIMEDOUT" },
];

describe("sessionText", () => {
  it("puts one line per indication under a heading per phase, and explains a block", () => {
    expect(sessionText(records, options)).toBe(`\
tcp-connect: a connection is opened
Server    wfpstate.xml

Server performs a passive open
   0.0000s  server  listen     ALE_AUTH_LISTEN_V4       continue  no filters
   0.0000s  server  listen()                            ok

Client performs an active open
   0.0312s  server  SYN in     ALE_AUTH_RECV_ACCEPT_V4  BLOCK     #71234 (0x11642) "Block SMB - Public"
      weight  sublayer   winner                                 action  rights             note
      0x0002  MPSSVC_WF  #71234 (0x11642) "Block SMB - Public"  block   open → hard block
      #71234 (0x11642)  {00000000-0000-4000-8000-000000071234}
      name        Block SMB - Public
      provider    MPSSVC_WF (Microsoft Corporation)
      layer       ALE_AUTH_RECV_ACCEPT_V4 (layer 44)
      sublayer    MPSSVC_WF (weight 0x0002)
      origin      Block SMB rule
      weight      0xa006000000000000 (range 10 of 15, automatic within it)
      action      block, hard: lower sublayers cannot permit
      line        wfpstate.xml:4711
      conditions      protocol = 6 (tcp)
                  and local port = 445
  21.0000s  client  connect()                           WSAETIMEDOUT

2 indications: 1 permitted, 1 blocked; 2 socket calls, 1 failed
`);
  });

  it("explains a block once, however often it happens", () => {
    const text = sessionText([indication(BLOCKED, { seq: 1 }), indication(BLOCKED, { seq: 2, time: 1 })], options);
    expect(text.match(/BLOCK +#71234/g)).toHaveLength(2);
    expect(text.match(/origin +Block SMB rule/g)).toHaveLength(1);
  });

  it("tells what no log shows, and an authorization of the target before redirection", () => {
    const absorbed = sessionText([indication({ ...BLOCKED, absorbed: true }, {})], options);
    expect(absorbed).toContain('"Block SMB - Public": absorbed, nothing is logged\n');
    const flags = ["IS_HONORING_POLICY_AUTHORIZE"];
    const original = sessionText([indication(NO_MATCH, { event: "connect", layer: layer("ALE_AUTH_CONNECT_V4"), flags })], options);
    expect(original).toContain("connect (original target)  ALE_AUTH_CONNECT_V4");
  });

  it("shows what Windows would log and what was indicated with -v", () => {
    const text = sessionText(records, { ...options, verbose: 1 });
    expect(text).toContain("Security log 5157 ProcessID=4 Application=System Direction=%%14592");
    expect(text).toContain("IP_PROTOCOL=6 (tcp)");
  });

  it("says what an undecided indication was taken for and depends on", () => {
    const text = sessionText([indication(UNDECIDED, { assumed: "permit" })], options);
    expect(text).toContain("UNDECIDED  INDETERMINATE_CALLOUT_AND_FIELD, taken as permit");
    expect(text).toContain("depends on what the flow leaves open: profile (profile=)");
    expect(text).toContain("1 undecided");
  });
});
