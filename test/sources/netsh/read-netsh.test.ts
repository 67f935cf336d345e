import { describe, expect, it } from "vitest";
import { FIELD_KEY, FILTER_FLAG, LAYER_KEY, PROVIDER_CONTEXT_KEY, SUBLAYER_KEY } from "../../../src/model/index.ts";
import { readNetshAsync } from "../../../src/sources/index.ts";
import { conditionsXml, conditionXml, diagXml, filterXml, read, stateXml } from "./netsh-lab.ts";

const utf16 = (text: string) =>
  Array.from(`${text}\0`, (c) => (c.charCodeAt(0) & 0xff).toString(16).padStart(2, "0").concat("00")).join("");

const only = <T>(list: readonly T[]): T => {
  expect(list).toHaveLength(1);
  return list[0] as T;
};

describe("readNetsh: a filter", () => {
  it("keeps everything the item says, with its line", () => {
    const xml = diagXml(
      filterXml({
        key: "{AAAAAAAA-0000-4000-8000-000000000001}",
        name: "a &lt;b&gt; &amp; ü ",
        flags:
          '<flags numItems="3"><item>FWPM_FILTER_FLAG_INDEXED</item><item>FWPM_FILTER_FLAG_HAS_FILTER_ORIGIN</item><item>00020000</item></flags>',
        weight: "<type>FWP_EMPTY</type>",
        id: "18446744073709551615",
        effectiveWeight: "42",
        context: "<rawContext>18446603911448051536</rawContext>",
      }),
    );
    const filter = only(read(xml).filters);
    expect(filter).toMatchObject({
      key: "{aaaaaaaa-0000-4000-8000-000000000001}",
      name: "a <b> & ü ",
      flags: FILTER_FLAG.INDEXED | 0x20000,
      namedFlags: ["FWPM_FILTER_FLAG_HAS_FILTER_ORIGIN"],
      layerKey: LAYER_KEY.ALE_AUTH_CONNECT_V4,
      subLayerKey: SUBLAYER_KEY.MPSSVC_WF,
      weight: { type: "FWP_EMPTY" },
      action: { type: "FWP_ACTION_PERMIT" },
      rawContext: 18446603911448051536n,
      providerContextKey: null,
      filterId: 18446744073709551615n,
      effectiveWeight: 42n,
      line: 3,
    });
  });

  it.each([
    ["FWP_UINT8", "<uint8>17</uint8>", { type: "FWP_UINT8", value: 17 }],
    ["FWP_UINT16", "<uint16>65535</uint16>", { type: "FWP_UINT16", value: 65535 }],
    ["FWP_UINT32", "<uint32>4194304</uint32>", { type: "FWP_UINT32", value: 4194304 }],
    ["FWP_UINT32", "<uint32>192.0.2.1</uint32>", { type: "FWP_UINT32", value: 0xc0000201 }],
    ["FWP_UINT64", "<uint64>18446744073709551615</uint64>", { type: "FWP_UINT64", value: 18446744073709551615n }],
    ["FWP_INT8", "<int8>-128</int8>", { type: "FWP_INT8", value: -128 }],
    ["FWP_INT64", "<int64>-9223372036854775808</int64>", { type: "FWP_INT64", value: -(1n << 63n) }],
    ["FWP_DOUBLE", "<double64>-1.5e3</double64>", { type: "FWP_DOUBLE", value: -1500 }],
    [
      "FWP_BYTE_ARRAY16_TYPE",
      "<byteArray16>ff02::1:2</byteArray16>",
      { type: "FWP_BYTE_ARRAY16_TYPE", value: Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2) },
    ],
    [
      "FWP_BYTE_ARRAY6_TYPE",
      "<byteArray6>00-15-5d-01-02-ff</byteArray6>",
      { type: "FWP_BYTE_ARRAY6_TYPE", value: Uint8Array.of(0, 0x15, 0x5d, 1, 2, 0xff) },
    ],
    [
      "FWP_BYTE_BLOB_TYPE",
      "<byteBlob><data>5c0061000000</data><asString>not looked at</asString></byteBlob>",
      { type: "FWP_BYTE_BLOB_TYPE", value: Uint8Array.of(0x5c, 0, 0x61, 0, 0, 0) },
    ],
    ["FWP_SID", "<sid>S-1-5-18</sid>", { type: "FWP_SID", value: "S-1-5-18" }],
    ["FWP_UNICODE_STRING_TYPE", "<unicodeString> a&amp;b</unicodeString>", { type: "FWP_UNICODE_STRING_TYPE", value: " a&b" }],
    [
      "FWP_V4_ADDR_MASK",
      "<v4AddrMask><addr>10.0.0.0</addr><mask>255.0.0.0</mask></v4AddrMask>",
      { type: "FWP_V4_ADDR_MASK", address: 0x0a000000, mask: 0xff000000 },
    ],
    [
      "FWP_V6_ADDR_MASK",
      "<v6AddrMask><addr>fe80::</addr><prefixLength>10</prefixLength></v6AddrMask>",
      { type: "FWP_V6_ADDR_MASK", address: Uint8Array.of(0xfe, 0x80, ...new Array<number>(14).fill(0)), prefixLength: 10 },
    ],
    [
      "FWP_RANGE_TYPE",
      "<rangeValue><valueLow><type>FWP_UINT32</type><uint32>0.0.0.0</uint32></valueLow><valueHigh><type>FWP_UINT32</type><uint32>255.255.255.255</uint32></valueHigh></rangeValue>",
      { type: "FWP_RANGE_TYPE", low: { type: "FWP_UINT32", value: 0 }, high: { type: "FWP_UINT32", value: 0xffffffff } },
    ],
  ])("reads a condition of the type %s: %s", (type, content, value) => {
    const xml = diagXml(
      filterXml({ conditions: conditionsXml(conditionXml("FWPM_CONDITION_IP_PROTOCOL", "FWP_MATCH_EQUAL", type, content)) }),
    );
    const imported = read(xml, true);
    expect(only(only(imported.filters).conditions)).toEqual({
      fieldKey: FIELD_KEY.IP_PROTOCOL,
      matchType: "FWP_MATCH_EQUAL",
      value,
    });
  });

  it("reads a security descriptor with its conditional ACE", () => {
    const sddl = 'O:LSD:(A;;CC;;;WD)(XA;;CC;;;WD;(WIN://SYSAPPID Contains "Maker.App_1234567890abc"))';
    const xml = diagXml(
      filterXml({
        conditions: conditionsXml(
          conditionXml("FWPM_CONDITION_ALE_USER_ID", "FWP_MATCH_EQUAL", "FWP_SECURITY_DESCRIPTOR_TYPE", `<sd>${sddl}</sd>`),
        ),
      }),
    );
    const { value } = only(only(read(xml).filters).conditions);
    expect(value.type === "FWP_SECURITY_DESCRIPTOR_TYPE" && value.value).toMatchObject({ sddl, owner: "S-1-5-19", dacl: { length: 2 } });
  });

  it("takes the callout from filterType or calloutKey, by name, older name or GUID", () => {
    const action = (text: string) => only(read(diagXml(filterXml({ action: text }))).filters).action;
    const type = "<type>FWP_ACTION_CALLOUT_TERMINATING</type>";
    const key = "{12345678-0000-4000-8000-000000000001}";
    expect(action(`${type}<filterType>${key}</filterType>`)).toEqual({ type: "FWP_ACTION_CALLOUT_TERMINATING", calloutKey: key });
    expect(action(`${type}<calloutKey>${key}</calloutKey>`)).toEqual({ type: "FWP_ACTION_CALLOUT_TERMINATING", calloutKey: key });
    const older = action(`${type}<filterType>FWPM_CALLOUT_TEREDO_ALE_LISTEN_V6</filterType>`);
    expect(older).toEqual(action(`${type}<filterType>FWPM_CALLOUT_EDGE_TRAVERSAL_ALE_LISTEN_V6</filterType>`));
  });

  it("knows a sublayer's older name", () => {
    const [a, b] = ["TEREDO", "EDGE_TRAVERSAL"].map(
      (name) => only(read(diagXml(filterXml({ subLayer: `FWPM_SUBLAYER_${name}` }))).filters).subLayerKey,
    );
    expect(a).toBe(SUBLAYER_KEY.EDGE_TRAVERSAL);
    expect(b).toBe(a);
  });
});

describe("readNetsh: the rest of a policy", () => {
  it("takes layer ids and fields from the file", () => {
    const layer = only(read(stateXml()).layers ?? []);
    expect(layer).toMatchObject({ key: LAYER_KEY.ALE_AUTH_CONNECT_V4, id: 48, mode: "kernel", flags: 3, family: 4 });
    expect(layer.fields.map(({ name, index, dataType, fieldType }) => [name, index, dataType, fieldType])).toEqual([
      ["IP_PROTOCOL", 0, "FWP_UINT8", "RAW_DATA"],
      ["IP_REMOTE_ADDRESS", 1, "FWP_UINT32", "IP_ADDRESS"],
      ["FLAGS", 2, "FWP_UINT32", "FLAGS"],
    ]);
  });

  it("tells registered callouts from those without a driver", () => {
    const callout = (key: string, flags: string) =>
      `<item><calloutKey>{00000000-0000-4000-8000-0000000000${key}}</calloutKey><displayData><name>c${key}</name><description/></displayData>${flags}<providerKey/><providerData/><applicableLayer>FWPM_LAYER_ALE_AUTH_CONNECT_V4</applicableLayer><calloutId>3${key}</calloutId></item>`;
    const callouts = [
      callout("01", '<flags numItems="2"><item>FWPM_CALLOUT_FLAG_REGISTERED</item><item>00000260</item></flags>'),
      callout("02", "<flags/>"),
    ];
    const imported = read(stateXml({ callouts }));
    expect(imported.callouts?.map(({ name, registered, flags }) => [name, registered, flags])).toEqual([
      ["c01", true, 0x40260],
      ["c02", false, 0],
    ]);
    expect(imported.diagnostics).toEqual([]);
  });

  it("names the origin of filters whose provider context holds one, and of no others", () => {
    const contextKey = "{00000000-0000-4000-8000-00000000c001}";
    const contexts = `<providerContexts numItems="1"><item><providerContextKey>${contextKey}</providerContextKey><displayData><name>MPSSVC</name><description/></displayData><flags/><providerKey/><providerData/><type>FWPM_GENERAL_CONTEXT</type><dataBuffer><data>${utf16("Quarantine Default")}</data><asString>Q.</asString></dataBuffer><providerContextId>7</providerContextId></item></providerContexts>`;
    const flags = (more: string) => `<flags numItems="2"><item>FWPM_FILTER_FLAG_HAS_PROVIDER_CONTEXT</item><item>${more}</item></flags>`;
    const context = `<providerContextKey>${contextKey}</providerContextKey>`;
    const { filters } = read(
      stateXml({
        contexts,
        filters: [
          filterXml({ context, flags: flags("FWPM_FILTER_FLAG_HAS_FILTER_ORIGIN") }),
          filterXml({ context, flags: flags("FWPM_FILTER_FLAG_INDEXED") }),
        ],
      }),
    );
    expect(filters.map(({ origin }) => origin)).toEqual(["Quarantine Default", null]);
  });

  it("reads classify options, and keeps other provider contexts as text", () => {
    const context = (name: string, type: string, body: string) =>
      `<item><providerContextKey>${name}</providerContextKey><displayData><name/><description/></displayData><flags/><providerKey/><providerData/><type>${type}</type>${body}<providerContextId>9223372036854775808</providerContextId></item>`;
    const options = (value: string) =>
      `<classifyOptions><options numItems="1"><item><type>FWP_CLASSIFY_OPTION_LOOSE_SOURCE_MAPPING</type><value>${value}</value></item></options></classifyOptions>`;
    const policy = '<authIpMmPolicy><list numItems="1"><item><a>1 &lt; 2</a></item></list><flags/></authIpMmPolicy>';
    const imported = read(
      stateXml({
        contexts: `<providerContexts numItems="3">${[
          context(
            "{00000000-0000-4000-8000-00000000c001}",
            "FWPM_CLASSIFY_OPTIONS_CONTEXT",
            options("<type>FWP_UINT32</type><uint32>1</uint32>"),
          ),
          context(
            "{00000000-0000-4000-8000-00000000c002}",
            "FWPM_CLASSIFY_OPTIONS_CONTEXT",
            options("<type>FWP_BYTE_BLOB_TYPE</type><byteBlob><data>00</data><asString>.</asString></byteBlob>"),
          ),
          context("FWPM_PROVIDER_CONTEXT_SECURE_SOCKET_AUTHIP", "FWPM_IPSEC_AUTHIP_MM_CONTEXT", policy),
        ].join("")}</providerContexts>`,
      }),
      true,
    );
    expect(imported.providerContexts.map(({ body }) => body)).toEqual([
      { kind: "classify-options", options: [{ type: "FWP_CLASSIFY_OPTION_LOOSE_SOURCE_MAPPING", value: 1n }] },
      { kind: "opaque", text: options("<type>FWP_BYTE_BLOB_TYPE</type><byteBlob><data>00</data><asString>.</asString></byteBlob>") },
      { kind: "opaque", text: policy },
    ]);
    expect(imported.providerContexts[2]?.key).toBe(PROVIDER_CONTEXT_KEY.SECURE_SOCKET_AUTHIP);
  });

  it("reads sessions, endpoints and the time", () => {
    const imported = read(
      stateXml({
        before: `<timeStamp>2026-01-02T03:04:05.678Z</timeStamp><sessions numItems="1"><item><sessionKey>{00000000-0000-4000-8000-00000000e001}</sessionKey><displayData><name/><description/></displayData><flags numItems="1"><item>FWPM_SESSION_FLAG_DYNAMIC</item></flags><txnWaitTimeoutInMSec>4294967295</txnWaitTimeoutInMSec><processId>4</processId><sid>S-1-5-18</sid><username>NT AUTHORITY\\SYSTEM</username><kernelMode>true</kernelMode></item></sessions>`,
        after: `<aleConnectedEndpoints numItems="2"><item><endpointId>7</endpointId><ipVersion>FWP_IP_VERSION_V4</ipVersion><localV4Address>192.0.2.7</localV4Address><remoteV4Address>198.51.100.1</remoteV4Address><ipProtocol>6</ipProtocol><localPort>50000</localPort><remotePort>443</remotePort><localTokenModifiedId>1</localTokenModifiedId><mmSaId>0</mmSaId><qmSaId>0</qmSaId><ipsecStatus>0 (ERROR_SUCCESS)</ipsecStatus><flags/><appId><data>${utf16("\\device\\a.exe")}</data><asString/></appId></item><item><endpointId>8</endpointId><ipVersion>FWP_IP_VERSION_V6</ipVersion><localV6Address>ff02::fb</localV6Address><remoteV6Address>::</remoteV6Address><ipProtocol>17</ipProtocol><localPort>5353</localPort><remotePort>0</remotePort><flags/><appId/></item></aleConnectedEndpoints>`,
      }),
      true,
    );
    expect(imported.timeStamp).toBe("2026-01-02T03:04:05.678Z");
    expect(only(imported.sessions)).toMatchObject({ flags: 1, processId: 4, sid: "S-1-5-18", kernelMode: true });
    expect(imported.endpoints.map(({ family, localPort, appId }) => [family, localPort, appId])).toEqual([
      [4, 50000, "\\device\\a.exe"],
      [6, 5353, null],
    ]);
  });

  it("is not confused by filters and conditions inside subscriptions", () => {
    const template = `<enumTemplate><providerKey/><layerKey>FWPM_LAYER_NOBODY_KNOWS</layerKey>${conditionsXml(
      conditionXml("FWPM_CONDITION_NET_EVENT_TYPE", "FWP_MATCH_EQUAL", "FWP_UINT32", "<uint32>3</uint32>"),
    )}<flags>0</flags></enumTemplate>`;
    const after = `<subscriptions><filterSubscriptions numItems="1"><item>${template}</item></filterSubscriptions><filters><item><filterKey>x</filterKey></item></filters></subscriptions><ikeextSas/>`;
    const imported = read(stateXml({ filters: [filterXml()], after }), true);
    expect(imported.filters).toHaveLength(1);
    expect(imported.diagnostics).toEqual([]);
  });

  it("says which sections a file lacks", () => {
    expect(read(diagXml(filterXml()))).toMatchObject({ completeness: "filters", layers: null, subLayers: null, callouts: null });
    expect(read(stateXml())).toMatchObject({ completeness: "state", layers: { length: 1 }, subLayers: { length: 1 }, callouts: [] });
    expect(read(stateXml({ subLayers: "" })).subLayers).toBeNull();
  });
});

describe("readNetsh: how files come", () => {
  const xml = stateXml({ filters: [filterXml({ name: "日本 😀" })] });
  const plain = read(xml);

  it("takes a byte order mark, CRLF, a second root element, and comments", () => {
    expect(read(`\ufeff${xml}`)).toEqual(plain);
    expect(read(xml.replaceAll("\n", "\r\n"))).toEqual(plain);
    expect(read(`${xml}<firewallState>\n<dynamicKeywordAddresses/>\n</firewallState>\n`, true)).toEqual(plain);
    expect(read(xml.replace("<wfpstate>", "<!-- made up --><wfpstate>"))).toEqual(plain);
    expect(read(xml.slice(xml.indexOf("<wfpstate>"))).filters).toHaveLength(1);
  });

  it("takes text in pieces of any size", async () => {
    const whole = `\ufeff${xml}`;
    for (const size of [1, 2, 7, 1000]) {
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) => whole.slice(index * size, (index + 1) * size));
      expect(read(pieces)).toEqual(plain);
      const arriving = (async function* () {
        yield* pieces;
      })();
      expect(await readNetshAsync(arriving, { source: "test.xml" })).toEqual(plain);
    }
  });

  it.each([
    ["the end of an item", "m>\n</filters></wfpstate>\n"],
    ["an element", "<item><filterKey>x</filterKey></item></filters>"],
    ["text", "9223372036854775808"],
    ["half a tag", "<weig"],
    ["another policy", "<wfpstate><layers/></wfpstate>"],
  ])("passes over what an older, longer file left behind: %s", (_, rest) => {
    const { diagnostics, ...imported } = read(xml + rest, true);
    expect({ ...imported, diagnostics: [] }).toEqual(plain);
    const remark = only(diagnostics);
    expect(remark).toMatchObject({ severity: "warning", code: "left-over", line: xml.trimEnd().split("\n").length });
    expect(remark.message).toContain(`${rest.length + 1} characters`);
  });

  it("shares equal values, so that a large dump stays small", () => {
    const conditions = conditionsXml(
      conditionXml(
        "FWPM_CONDITION_ALE_APP_ID",
        "FWP_MATCH_EQUAL",
        "FWP_BYTE_BLOB_TYPE",
        "<byteBlob><data>610000</data></byteBlob>".replace("610000", "61000000"),
      ),
      conditionXml("FWPM_CONDITION_IP_PROTOCOL", "FWP_MATCH_EQUAL", "FWP_UINT8", "<uint8>6</uint8>"),
    );
    const [a, b] = read(diagXml(filterXml({ conditions }), filterXml({ conditions }))).filters;
    const blobs = [a, b]
      .map((filter) => filter?.conditions[0]?.value)
      .map((value) => value !== undefined && "value" in value && value.value);
    expect(blobs[0]).toBe(blobs[1]);
    expect(a?.conditions[1]?.value).toBe(b?.conditions[1]?.value);
  });
});
