import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { sequenceDiagram } from "../../src/report/index.ts";
import { openScenario } from "../../src/sources/index.ts";
import { playScenario, SCENARIOS } from "../../src/stack/index.ts";

const hasXmllint = spawnSync("xmllint", ["--version"]).status === 0;

function drawn(name: string): string {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario === undefined) throw new RangeError(name);
  const { records, packets } = playScenario(scenario);
  return sequenceDiagram(records, packets, {
    title: scenario.title,
    hosts: scenario.hosts.map((host) => ({ name: host.name, about: "no policy" })),
  });
}

const count = (text: string, part: string) => text.split(part).length - 1;

describe("sequenceDiagram", () => {
  it("draws every indication with its verdict and every packet", () => {
    const scenario = SCENARIOS.find(({ name }) => name === "udp-reauthorize-blocked");
    if (scenario === undefined) throw new RangeError("no such scenario");
    const { records, packets } = playScenario(scenario);
    const svg = drawn("udp-reauthorize-blocked");
    const indications = records.filter(({ type }) => type === "indication");
    expect(count(svg, ">continue</tspan>") + count(svg, ">permit</tspan>") + count(svg, ">BLOCK</tspan>")).toBe(indications.length);
    expect(count(svg, ">BLOCK</tspan>")).toBe(2);
    expect(count(svg, 'marker-end="url(#head)"')).toBe(packets.length);
    expect(svg).toContain("&quot;block everything&quot;");
    expect(svg).toContain("ALE_AUTH_RECV_ACCEPT_V4");
    expect(svg).toContain(">server</text>");
    expect(svg).toContain('role="graphics-document"');
  });

  it("lets arrows go downwards only, from the sender to the receiver", () => {
    for (const { name } of SCENARIOS) {
      for (const [, y1, y2] of drawn(name).matchAll(/d="M[\d.]+ ([\d.]+)L[\d.]+ ([\d.]+)"/g))
        expect(Number(y2)).toBeGreaterThan(Number(y1));
    }
  });

  const odd = `scenario: odd
title: '<script> & "quotes" \\u0007'
network: { lose: client > server udp }
addresses: { stranger: 203.0.113.9, group: 239.1.2.3 }
hosts:
  client:
    interfaces: { Ethernet: { addresses: [198.51.100.20/24] } }
    filters: [{ name: 'a <b> & ''c''', layer: OUTBOUND_IPPACKET, action: permit }]
  server: { interfaces: { Ethernet: { addresses: [192.0.2.10/24] } } }
  third: { interfaces: { Ethernet: { addresses: [192.0.2.11/24] } } }
sockets: { u: { host: client, protocol: udp } }
steps:
  - title: "]]> -- <!--"
    do:
      - { send: u, to: "server:53", text: lost }
      - { send: u, to: "group:53", text: to many }
      - { inject: "stranger:1 > server:53 udp (4)" }
      - wait: 1
`;

  it("escapes what it is given, shows losses, groups and strangers", async () => {
    const { records, packets } = playScenario(await openScenario(odd, "odd.yaml"));
    const title = '<script> & "quotes" \u0007';
    const hosts = ["client", "server", "third"].map((name) => ({ name, about: "a\u0000b" }));
    const svg = sequenceDiagram(records, packets, { title, hosts });
    expect(svg).not.toContain("<script>");
    expect(svg).toContain("&lt;script&gt; &amp; &quot;quotes&quot; \u{fffd}");
    expect(svg).toContain("a &lt;b&gt; &amp; &#39;c&#39;");
    expect(svg).toContain("(lost)");
    expect(svg).toContain(" to 239.1.2.3");
    expect(svg).toContain(">stranger</text>");
    expect(count(svg, 'class="arrow lost"')).toBeGreaterThan(0);
    if (hasXmllint) execFileSync("xmllint", ["--noout", "-"], { input: svg });
  });

  it.skipIf(!hasXmllint)("is well-formed XML for every built-in scenario (xmllint)", () => {
    for (const { name } of SCENARIOS) execFileSync("xmllint", ["--noout", "-"], { input: drawn(name) });
  });

  it("stands without packets and without records", () => {
    expect(sequenceDiagram([], [], { title: "nothing", hosts: [{ name: "client", about: "" }] })).toContain("<svg");
  });
});
