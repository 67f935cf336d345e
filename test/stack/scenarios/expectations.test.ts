import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../../src/firewall/index.ts";
import { runScenario } from "../../../src/stack/index.ts";
import { play } from "./playing.ts";

describe("runScenario", () => {
  it("plays with the programs, port and category it is told", () => {
    const policy = defaultPolicy("desktop");
    const options = { clientPolicy: policy, serverPolicy: policy, family: 4, windows: "11" } as const;
    const records = runScenario("tcp-connect", { ...options, clientApp: "C:\\mine\\client.exe", serverPort: 4433, profile: "domain" });
    const client = records.flatMap((record) =>
      record.type === "indication" && record.host === "client" && record.layer.name === "FWPM_LAYER_ALE_AUTH_CONNECT_V4" ? [record] : [],
    );
    expect(client.map(({ flow }) => flow.remote.split(":")[1])).toEqual(["4433"]);
    const index = client[0]?.layer.fields.find(({ name }) => name === "ALE_APP_ID")?.index ?? -1;
    const app = client[0]?.values[index];
    expect(typeof app === "object" && app.type === "FWP_BYTE_BLOB_TYPE" ? new TextDecoder("utf-16le").decode(app.value) : "").toMatch(
      /mine\\client\.exe\0$/,
    );
  });
});

describe("expectations (docs/scenarios.md, Expectations)", () => {
  it("say what was not there in the words of what was expected", async () => {
    const { unmetTexts } = await play(`
  - bind: su
    port: 53
    expect:
      includes:
        - server bind ALE_AUTH_LISTEN
        - server bind ALE_RESOURCE_ASSIGNMENT {IP_LOCAL_PORT=54}
        - server bind ALE_BIND_REDIRECT reauthorize
        - server bind ALE_BIND_REDIRECT {IP_NEXTHOP_INTERFACE=3}
      never: server ALE_AUTH_LISTEN
      outcomes: [server listen() ok, server bind() WSAEACCES]
      nothing: client
  - addFilter: server
    filter: { name: x, layer: ALE_AUTH_LISTEN, action: block }
    expect: { indications: [], events: [{ event: server audit 5152, data: { DestPort: 9 } }] }
`);
    expect(unmetTexts).toEqual([
      "server bind ALE_AUTH_LISTEN | no ALE_AUTH_LISTEN on server",
      "server bind ALE_RESOURCE_ASSIGNMENT {IP_LOCAL_PORT=54} | server bind out ALE_RESOURCE_ASSIGNMENT_V4 {IP_LOCAL_PORT=53}",
      "server bind ALE_BIND_REDIRECT reauthorize | server bind out ALE_BIND_REDIRECT_V4 first",
      "server bind ALE_BIND_REDIRECT {IP_NEXTHOP_INTERFACE=3} | server bind out ALE_BIND_REDIRECT_V4 {IP_NEXTHOP_INTERFACE=no such field}",
      "server listen() ok | no listen() of server has ended",
      "server bind() WSAEACCES | server bind() ok",
      "server audit 5152 DestPort=9 | no such event of server",
    ]);
  });

  it("a flow that is judged again is not judged first", async () => {
    const { unmetTexts } = await play(`
  - send: cu
    to: server:53
    text: x
  - addFilter: client
    filter: { name: yes, layer: ALE_AUTH_CONNECT, action: permit }
  - send: cu
    to: server:53
    text: y
    expect: { includes: client ALE_AUTH_CONNECT first }
`);
    expect(unmetTexts).toEqual(["client ALE_AUTH_CONNECT first | client UDP message out ALE_AUTH_CONNECT_V4 reauthorize"]);
  });

  it("an empty list of indications says that nothing is indicated at all", async () => {
    const { unmetTexts } = await play("\n  - bind: su\n    expect: { indications: [] }\n");
    expect(unmetTexts).toEqual(["no more indications after this | server bind out ALE_BIND_REDIRECT_V4"]);
  });

  it("a field that an event does not have is none", async () => {
    const { unmetTexts } = await play(`
  - bind: su
    port: 53
  - addFilter: server
    filter: { name: no, layer: ALE_AUTH_RECV_ACCEPT, action: block }
  - send: cu
    to: server:53
    text: x
  - wait: 1
    expect: { events: [{ event: server audit 5152, data: { Nonsense: 1 } }] }
`);
    expect(unmetTexts).toEqual(["server audit 5152 Nonsense=1 | Nonsense=(none)"]);
  });
});
