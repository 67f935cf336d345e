import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { InputError } from "../../../src/model/index.ts";
import { openScenario, scenarioJsonSchema } from "../../../src/sources/index.ts";

const HEAD = `scenario: test
title: A test
hosts:
  client:
    interfaces: { Ethernet: { addresses: [198.51.100.20/24] } }
  server:
    interfaces: { Ethernet: { addresses: [192.0.2.10/24] } }
sockets:
  c: { host: client }
  u: { host: server, protocol: udp }
steps:
`;

async function complaint(text: string): Promise<string> {
  try {
    await openScenario(text, "x.yaml");
    return "none";
  } catch (error) {
    return (error as InputError).describe();
  }
}

describe("openScenario", () => {
  it.each([
    [
      "- bnd: c",
      '12:3: expected a step (note, wait, await, awaitClosed, open, bind, listen, accept, connect, send, receive, shutdown, close, join, ioctl, ping, addFilter, removeFilter, interface, complete, inject, or title and do), found "bnd" - did you mean "bind"?',
    ],
    ["- bind: d", '12:9: expected a socket (c, u), found "d"'],
    ["- listen: u", '12:11: expected a tcp socket, found "u", a udp socket'],
    ["- connect: c\n  to: server", "13:7: expected a port, as in server:80 or server:$port"],
    ["- connect: c\n  to: sever:80", '13:7: expected a host, an address or a socket, found "sever" - did you mean "server"?'],
    ["- connect: c\n  to: server:99999", '13:7: expected a port from 0 to 65535 or $port, found "99999"'],
    [
      "- connect: c\n  to: server:80\n  result: WSAECONNREFUSE",
      '14:11: result: expected ok, or an error of Winsock or ping, found "WSAECONNREFUSE" - did you mean "WSAECONNREFUSED"?',
    ],
    ["- send: c", "12:3: expected either text or bytes: what is sent"],
    ["- await: c", '12:10: expected a call in the background (there is none), found "c"'],
    ["- bind: c\n  needs: [x]", '13:10: needs: expected a socket or the id of a step before, found "x"'],
    ["- removeFilter: client\n  name: x", '13:9: expected a filter that the scenario adds to client (there is none), found "x"'],
    ["- bind: c\n  expect: { includes: client SIN ALE_AUTH_CONNECT }", "13:23: expected what happened"],
    [
      "- bind: c\n  expect: { includes: client SYN ALE_AUTH_CONECT }",
      '13:23: expected a layer, as in ALE_AUTH_CONNECT or ALE_AUTH_CONNECT_V4, found "ALE_AUTH_CONECT" - did you mean "ALE_AUTH_CONNECT"?',
    ],
    [
      "- bind: c\n  expect: { includes: 'client ALE_AUTH_CONNECT [IS_LOPBACK]' }",
      '13:23: expected a flag, found "IS_LOPBACK" - did you mean "IS_LOOPBACK"?',
    ],
    [
      "- bind: c\n  expect: { includes: 'client ALE_AUTH_CONNECT {PORT=1}' }",
      '13:23: expected FIELD=VALUE, as in IP_LOCAL_PORT=80, found "PORT=1"',
    ],
    ["- bind: c\n  expect: { packets: [client > server X] }", "13:23: expected S, P. 1:6(5) ack 1 win 65535 <mss 1460>"],
    [
      "- bind: c\n  expect: { outcomes: client conect() ok }",
      '13:23: expected a call (socket, bind, listen, connect, accept, send, receive, close, sendto, ioctl, ping), found "conect"',
    ],
    ["- bind: c\n  expect: { events: server audit 4624 }", "13:21: expected HOST audit NUMBER"],
    [
      "- addFilter: client\n  filter: { name: x, layer: ALE_AUTH_CONNECT, action: block, conditions: [IP_REMOTE_PORT = $prt] }",
      '13:75: expected $port, $otherPort or $ and a host or address, found "$prt" - did you mean "port"?',
    ],
    ["- addFilter: client\n  filter: { name: x, layer: ALE_AUTH_CONNECT, action: callout }", "13:11: expected callout: what it does"],
    ["- interface: client.Wifi\n  up: false", '12:14: expected an interface of client (Ethernet), found "Wifi"'],
    ["- wait: -1", '12:9: expected at least 0, found "-1"'],
    ["- wait: soon", '12:9: expected a number or idle, found "soon"'],
    ["- at: 1s\n  bind: c", '12:7: expected at: a number, found "1s"'],
    [
      "- connect: c\n  too: server:80",
      '13:3: expected connect, to, background, at, id, needs, expect, result, orClose, found "too" - did you mean "to"?',
    ],
    ["- accept: c\n  as: u", 'expected a name of its own, found "u", which is what a step accepts as'],
    ["- bind: c\n  prt: 80", "13:3: expected bind, address, port"],
    ["- {bind: c", "is not YAML"],
  ])("says in one line what is wrong: %s", async (steps, message) => {
    const said = await complaint(`${HEAD}${steps}\n`);
    expect(said.startsWith("x.yaml:")).toBe(true);
    expect(said).toContain(message);
    expect(said).not.toContain("\n");
  });

  it.each([
    ["", "x.yaml"],
    ["scenario: x\ntitle: x\nhosts: {}\nsteps: [{ wait: 1 }]\n", "x.yaml:3:8: expected a host at least"],
    [`${HEAD.replace("{ host: client }", "{ host: cleint }")}- wait: 1\n`, 'x.yaml:9:14: expected a host (client, server), found "cleint"'],
    [
      `${HEAD.replace("198.51.100.20/24", "198.51.100.20/33")}- wait: 1\n`,
      "x.yaml:5:43: expected an IP address and the length of its prefix",
    ],
    [
      `${HEAD.replace("192.0.2.10/24", "198.51.100.20/24")}- wait: 1\n`,
      'x.yaml:7:43: expected an address that nobody else on its link has, found "198.51.100.20/24", which is client.Ethernet\'s',
    ],
    [
      `${HEAD.replace("host: client", "hst: client")}- wait: 1\n`,
      'x.yaml:9:8: expected host, process, protocol, family, dualStack, found "hst"',
    ],
    [`port: 443\n  80\n${HEAD}- wait: 1\n`, 'x.yaml:1:7: expected port: a number, found "443 80"'],
    [`network: { lose: ["a\\nb"] }\n${HEAD}- wait: 1\n`, 'found "a b"'],
    [`network: { loss: 2 }\n${HEAD}- wait: 1\n`, 'x.yaml:1:18: expected at most 1, found "2"'],
    [`${HEAD.replace("title: A test", "tilte: A test")}- wait: 1\n`, "x.yaml:"],
    [HEAD, "x.yaml:"],
  ])("finds what is wrong in the rest of the file", async (text, message) => {
    const said = await complaint(text);
    expect(said).toContain(message);
    expect(said).not.toContain("\n");
    expect(said).not.toBe("none");
  });
});

describe("the schema for editors", () => {
  it("is the one that ships: npm run scenarios", async () => {
    expect(JSON.parse(readFileSync("schemas/scenario.schema.json", "utf8"))).toEqual(await scenarioJsonSchema());
  });

  it("fits every example, and tells a wrong one", async () => {
    const validate = new Ajv2020({ strict: false }).compile(await scenarioJsonSchema());
    const files = readdirSync("examples/scenarios").filter((name) => name.endsWith(".yaml"));
    expect(files.length).toBeGreaterThan(17);
    for (const file of files) {
      validate(parse(readFileSync(`examples/scenarios/${file}`, "utf8")));
      expect([file, validate.errors]).toEqual([file, null]);
    }
    expect(validate(parse(`${HEAD}- bnd: c\n`))).toBe(false);
  });
});

describe("docs/scenarios.md", () => {
  it("shows the examples as they are", () => {
    const page = readFileSync("docs/scenarios.md", "utf8");
    const shown = [...page.matchAll(/^```yaml\n(scenario: (\S+)\n[\s\S]*?)^```$/gm)];
    expect(shown).toHaveLength(2);
    for (const [, text, name] of shown) expect(text).toBe(readFileSync(`docs/examples/${name}.yaml`, "utf8"));
  });
});
