import { describe, expect, it } from "vitest";
import { ANSI_STYLE, PolicyNames, traceLine, traceText } from "../../src/report/index.ts";
import { BLOCKED, FIDELITY, NO_MATCH, policy, TEXT, trace, UNDECIDED } from "./records.ts";

const options = { ...TEXT, names: new PolicyNames(policy()), fidelity: FIDELITY };

describe("traceText", () => {
  it("tells everything about a block", () => {
    expect(traceText(trace(BLOCKED), options)).toBe(`\
Flow      in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public
Policy    wfpstate.xml (netsh wfp show state of 2024-05-01T10:00:00Z, 2 filters)

     layer                    event   result    decided by
  1  INBOUND_TRANSPORT_V4     SYN in  continue  no filters
  2  ALE_AUTH_RECV_ACCEPT_V4  SYN in  BLOCK     #71234 (0x11642) "Block SMB - Public"
        weight  sublayer    winner                                 action  rights             note
        0x0003  MPSSVC_WSH  -                                      -       open               none of 3 filters
        0x0002  MPSSVC_WF   #71234 (0x11642) "Block SMB - Public"  block   open → hard block
        near misses
          #70990 (0x1154e) "File and Printer Sharing (SMB-In)" would permit
            failed: profile = private (is public)
  3  ALE_FLOW_ESTABLISHED_V4  SYN     -         not reached

Verdict   BLOCK  FILTER_BLOCK at ALE_AUTH_RECV_ACCEPT_V4 (layer 44): a block filter decided
Filter    #71234 (0x11642)  {00000000-0000-4000-8000-000000071234}
          name        Block SMB - Public
          provider    MPSSVC_WF (Microsoft Corporation)
          layer       ALE_AUTH_RECV_ACCEPT_V4 (layer 44)
          sublayer    MPSSVC_WF (weight 0x0002)
          origin      Block SMB rule
          weight      0xa006000000000000 (range 10 of 15, automatic within it)
          action      block, hard: lower sublayers cannot permit
          line        wfpstate.xml:4711
          conditions  yes     protocol = 6 (tcp)
                      yes and local port = 445
Observed  application: nothing: the listener never learns of it
          peer: no answer: the connection times out
Assumed   a listener exists on port 445
Fidelity  1,200 of 1,254 filters (95 %) modelled in full; 3 of 20 callouts in use are code that is not known
`);
  });

  it("names what an undecided answer depends on, and how it may end", () => {
    const text = traceText(trace(UNDECIDED), options);
    expect(text).toContain("Verdict   INDETERMINATE  INDETERMINATE_CALLOUT_AND_FIELD at ALE_AUTH_RECV_ACCEPT_V4");
    expect(text).toContain('Could be  permit by #70990 (0x1154e) "File and Printer Sharing (SMB-In)"');
    expect(text).toContain('          block by #71234 (0x11642) "Block SMB - Public"\n');
    expect(text).toContain("Depends   on what the flow leaves open: profile (profile=)");
    expect(text).toContain('callout "Example inspection", whose code is not known, of filter #555 (0x22b) "Inspect all"');
  });

  it("says that nobody decided", () => {
    const text = traceText(trace(NO_MATCH), options);
    expect(text).toContain("nobody: 1 of 2 filters matches");
    expect(text).toContain("Verdict   PERMIT  NO_MATCH_PERMIT at ALE_AUTH_RECV_ACCEPT_V4 (layer 44): no filter decided");
  });

  it("shows conditions one by one with -v, and every filter with -vv", () => {
    const verbose = traceText(trace(BLOCKED), { ...options, verbose: 1 });
    expect(verbose).toContain('matches   #71234 (0x11642) "Block SMB - Public" block');
    expect(verbose).toContain("no  and profile = private  (is public)");
    expect(verbose).toContain("IP_PROTOCOL=6 (tcp)");
    expect(verbose).toMatch(/unknown: ALE_APP_ID, /);
  });

  it("stays within 120 columns", () => {
    for (const line of traceText(trace(BLOCKED), options).split("\n")) expect(line.length).toBeLessThanOrEqual(120);
  });

  it("paints only what it prints plainly otherwise", () => {
    const painted = traceText(trace(BLOCKED), { ...options, style: ANSI_STYLE });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is tested
    expect(painted.replace(/\u001b\[\d+m/g, "")).toBe(traceText(trace(BLOCKED), options));
    expect(painted).not.toBe(traceText(trace(BLOCKED), options));
  });
});

describe("traceLine", () => {
  it("puts a flow on one line, the verdict first", () => {
    expect(traceLine(trace(BLOCKED), TEXT)).toBe(
      'BLOCK         in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public  |  ALE_AUTH_RECV_ACCEPT_V4  |  FILTER_BLOCK #71234 (0x11642) "Block SMB - Public"',
    );
  });

  it("counts the callouts it depends on", () => {
    expect(traceLine(trace(UNDECIDED), TEXT)).toMatch(/\| {2}depends on what the flow leaves open: profile \(profile=\) and 1 callout$/);
  });
});
