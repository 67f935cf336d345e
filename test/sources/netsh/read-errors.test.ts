import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/model/index.ts";
import { readNetshAsync } from "../../../src/sources/index.ts";
import { CONNECT_LAYER, conditionsXml, conditionXml, diagXml, filterXml, inputErrorOf, read, stateXml } from "./netsh-lab.ts";

const messageOf = (text: string) => inputErrorOf(() => read(text)).describe();

describe("readNetsh: what is no policy", () => {
  it.each([
    ["", "test.xml:1: the file is empty, expected XML"],
    ["  \n", "test.xml:1: the file is empty, expected XML"],
    ["\ufeff", "test.xml:1: the file is empty, expected XML"],
    ["Rule Name: x\n", 'test.xml:1:1: not XML: it starts with "Rule Name: x ", expected "<"'],
  ])("%j: %s", (text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  it.each([
    ["<netEvents/>", "net events"],
    ["<Events><Event/></Events>", "event log"],
    ["<html><body>404</body></html>", "a web page"],
    ["<note/>", "the root element is <note>"],
  ])("says what %s is and how to get the right file", (text, what) => {
    const message = messageOf(`<?xml version="1.0"?>\n${text}`);
    expect(message).toContain(what);
    expect(message).toContain("netsh wfp show state");
    expect(message).toContain("netsh wfp show filters");
    expect(message).toMatch(/^test\.xml:2: /);
  });

  it("does not take a capture without filters for a policy without filters", () => {
    expect(messageOf("<wfpdiag><netEvents><item/></netEvents></wfpdiag>")).toContain("holds nothing of a policy but net events");
    expect(messageOf("<wfpstate/>")).toContain("holds nothing of a policy");
  });

  it("names line and column where it is not XML", () => {
    const { position, message } = inputErrorOf(() => read("<wfpdiag>\n <filters>\n  <item></filters>\n</wfpdiag>"));
    expect(position).toMatchObject({ file: "test.xml", line: 3 });
    expect(position.column).toBeGreaterThan(8);
    expect(message).toContain("not well-formed XML");
  });
});

describe("readNetsh: cut files", () => {
  it("names the element that was not closed, and where it begins", () => {
    const xml = diagXml(filterXml(), filterXml({ name: "the last one" }));
    const cut = xml.slice(0, xml.lastIndexOf("</name>"));
    const error = inputErrorOf(() => read(cut));
    const line = cut.split("\n").length;
    expect(error.message).toBe(`the file ends inside <name>, which line ${line} opens: it was cut short`);
    expect(error.position.line).toBe(line);
  });

  it("is an error at every place before the end", () => {
    const xml = stateXml({ filters: [filterXml()] });
    const end = xml.lastIndexOf("</wfpstate>") + "</wfpstate>".length;
    for (let length = 0; length < end; length++) {
      expect(() => read(xml.slice(0, length)), `${length} characters`).toThrow(InputError);
    }
  });

  it("tells of lists that hold fewer items than they announce", () => {
    const xml = stateXml({ filters: [filterXml(), filterXml()] }).replace('<filters numItems="2">', '\n<filters numItems="3">');
    const { filters, diagnostics } = read(xml);
    expect(filters).toHaveLength(2);
    expect(diagnostics).toMatchObject([{ severity: "error", code: "truncated", count: 1 }]);
    expect(diagnostics[0]?.message).toBe("<filters> announces 3 items and holds 2");
    expect(inputErrorOf(() => read(xml, true)).message).toBe("<filters> announces 3 items and holds 2");
  });
});

describe("readNetsh: values that cannot be", () => {
  const condition = (match: string, type: string, content: string) =>
    diagXml(filterXml({ conditions: `\n${conditionsXml(conditionXml("FWPM_CONDITION_IP_PROTOCOL", match, type, content))}` }));

  it.each([
    [condition("FWP_MATCH_ROUGHLY", "FWP_UINT8", "<uint8>1</uint8>"), 'unknown match type "FWP_MATCH_ROUGHLY"'],
    [condition("FWP_MATCH_EQUAL", "FWP_UINT8", "<uint8>256</uint8>"), '<uint8> is "256", expected an integer of 0 to 255'],
    [condition("FWP_MATCH_EQUAL", "FWP_UINT8", "<uint8>-1</uint8>"), '<uint8> is "-1", expected a decimal integer'],
    [condition("FWP_MATCH_EQUAL", "FWP_UINT16", "<uint8>1</uint8>"), "expected <uint16> after the type FWP_UINT16, found <uint8>"],
    [condition("FWP_MATCH_EQUAL", "FWP_UINT16", ""), "expected <uint16> after the type FWP_UINT16, found nothing"],
    [condition("FWP_MATCH_EQUAL", "FWP_EMPTY", "<uint8>1</uint8>"), "expected nothing after the type FWP_EMPTY, found <uint8>"],
    [condition("FWP_MATCH_EQUAL", "FWP_UINT32", "<uint32>10.0.0.256</uint32>"), '<uint32> is "10.0.0.256"'],
    [condition("FWP_MATCH_EQUAL", "FWP_UINT64", "<uint64>18446744073709551616</uint64>"), '<uint64> is "18446744073709551616"'],
    [condition("FWP_MATCH_EQUAL", "FWP_SID", "<sid>nobody</sid>"), '<sid> is "nobody", expected a SID'],
    [
      condition("FWP_MATCH_EQUAL", "FWP_BYTE_BLOB_TYPE", "<byteBlob><data>0g</data></byteBlob>"),
      '<data> is "0g", expected hexadecimal bytes',
    ],
    [condition("FWP_MATCH_EQUAL", "FWP_BYTE_BLOB_TYPE", "<byteBlob/>"), "<byteBlob> lacks <data>"],
    [diagXml(filterXml({ action: "<type>FWP_ACTION_SHRUG</type>" })), 'unknown action "FWP_ACTION_SHRUG"'],
    [diagXml(filterXml({ action: "<type>FWP_ACTION_CALLOUT_UNKNOWN</type><filterType/>" })), "without a callout in <filterType>"],
    [diagXml(filterXml({ weight: "<type>FWP_UINT16</type><uint16>1</uint16>" })), "a weight is FWP_EMPTY, FWP_UINT8 or FWP_UINT64"],
    [diagXml(filterXml({ layer: "no layer" })), '<layerKey> is "no layer", expected the key of a layer: a GUID in braces or a name'],
    [diagXml(filterXml().replace(/<filterId>.*<\/filterId>/, "")), "<item> lacks <filterId>"],
    [stateXml({ layers: `<layers numItems="1"><item>${CONNECT_LAYER.replace(">48<", ">many<")}</item></layers>` }), '<layerId> is "many"'],
  ])("case %#", (xml, message) => {
    const error = inputErrorOf(() => read(xml));
    expect(error.message).toContain(message);
    expect(error.position.file).toBe("test.xml");
    expect(error.position.line).toBeGreaterThan(1);
  });

  it("stops at depths that netsh never reaches", () => {
    const deep = 20_000;
    const xml = `<wfpdiag><filters><item>${"<a>".repeat(deep)}${"</a>".repeat(deep)}</item></filters></wfpdiag>`;
    expect(messageOf(xml)).toContain("nested more than 100 deep");
  });

  it("names the file in errors of text that arrives by and by", async () => {
    const arriving = (async function* () {
      yield "<wfpdiag>\n";
      yield "<filters></wfpdiag>";
    })();
    await expect(readNetshAsync(arriving, { source: "late.xml" })).rejects.toMatchObject({ position: { file: "late.xml", line: 2 } });
  });
});

describe("readNetsh: what it does not know", () => {
  const unknown: readonly (readonly [string, string, string])[] = [
    [diagXml(filterXml({ more: "\n<novelty>1</novelty>" }), filterXml({ more: "<novelty/>" })), "unknown-element", "<novelty> in a filter"],
    [
      diagXml(filterXml({ layer: "FWPM_LAYER_MOON_V4" }), filterXml({ layer: "FWPM_LAYER_MOON_V4" })),
      "unknown-layer",
      "unknown layer FWPM_LAYER_MOON_V4",
    ],
    [
      diagXml(filterXml({ flags: '<flags numItems="2"><item>FWPM_FILTER_FLAG_SHY</item><item>FWPM_FILTER_FLAG_SHY</item></flags>' })),
      "unknown-flag",
      "unknown filter flag FWPM_FILTER_FLAG_SHY",
    ],
    [
      diagXml(
        filterXml({
          conditions: conditionsXml(
            conditionXml("FWPM_CONDITION_MOOD", "FWP_MATCH_EQUAL", "FWP_UINT8", "<uint8>1</uint8>"),
            conditionXml("FWPM_CONDITION_MOOD", "FWP_MATCH_EQUAL", "FWP_UINT8", "<uint8>2</uint8>"),
          ),
        }),
      ),
      "unknown-field",
      "unknown field FWPM_CONDITION_MOOD",
    ],
    [
      diagXml(
        filterXml({
          conditions: conditionsXml(
            conditionXml("FWPM_CONDITION_FLAGS", "FWP_MATCH_EQUAL", "FWP_QUBIT", "<qubit>1</qubit>"),
            conditionXml("FWPM_CONDITION_FLAGS", "FWP_MATCH_EQUAL", "FWP_QUBIT", "<qubit>2</qubit>"),
          ),
        }),
      ),
      "unknown-type",
      'unknown data type "FWP_QUBIT"',
    ],
    [stateXml({ after: "<moods><item/></moods><moods/>" }), "unknown-element", "<moods> in <wfpstate>"],
    [stateXml({ filters: [filterXml()], after: "\nhello<sessions/>hello" }), "unexpected-text", "text between the elements of <wfpstate>"],
    [
      stateXml({
        layers: `<layers numItems="2">${`<item>${CONNECT_LAYER.replace("FWPM_FIELD_FLAGS", "FWPM_FIELD_MOOD")}</item>`.repeat(2)}</layers>`,
      }),
      "unknown-type",
      'unknown field type "FWPM_FIELD_MOOD"',
    ],
  ];

  it.each(unknown)("case %#: one diagnostic with line and count, an error if strict", (xml, code, message) => {
    const { diagnostics } = read(xml);
    expect(diagnostics).toMatchObject([{ severity: "warning", code }]);
    const [diagnostic] = diagnostics;
    expect(diagnostic?.message).toContain(message);
    expect(diagnostic?.count).toBe(2);
    expect(diagnostic?.line).toBeGreaterThan(1);
    const error = inputErrorOf(() => read(xml, true));
    expect(error.message).toBe(diagnostic?.message);
    expect(error.position).toMatchObject({ file: "test.xml", line: diagnostic?.line });
  });

  it("keeps what it does not know", () => {
    const [first] = read(
      diagXml(filterXml({ layer: "FWPM_LAYER_MOON_V4", flags: '<flags numItems="1"><item>FWPM_FILTER_FLAG_SHY</item></flags>' })),
    ).filters;
    expect(first).toMatchObject({ layerKey: "{name:FWPM_LAYER_MOON_V4}", namedFlags: ["FWPM_FILTER_FLAG_SHY"] });
  });

  it("reports a security descriptor that it cannot parse, and keeps the filter", () => {
    const xml = diagXml(
      filterXml({
        conditions: conditionsXml(
          conditionXml("FWPM_CONDITION_ALE_USER_ID", "FWP_MATCH_EQUAL", "FWP_SECURITY_DESCRIPTOR_TYPE", "<sd>D:(??)</sd>"),
        ),
      }),
    );
    const { filters, diagnostics } = read(xml);
    expect(filters).toHaveLength(1);
    expect(diagnostics).toMatchObject([{ code: "unreadable-security-descriptor", count: 1 }]);
    expect(() => read(xml, true)).toThrow(InputError);
  });
});
