import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildPolicy } from "../../../src/engine/index.ts";
import { appIdBlob, FILTER_FLAG, type Filter, type Policy, type ProviderContext } from "../../../src/model/index.ts";
import { readNetsh, writeNetsh } from "../../../src/sources/index.ts";
import { BLOCK, filter, guid, policy } from "../../engine/policy-lab.ts";
import { statePolicy } from "./arbitrary-policy.ts";
import { diagXml, filterXml } from "./netsh-lab.ts";

const readBack = (policy: Policy): Policy => buildPolicy(readNetsh(writeNetsh(policy), { source: policy.source }));

/** All that a file can say: lines and remarks are about the file itself. */
const content = ({ diagnostics: _, ...policy }: Policy): Policy => ({
  ...policy,
  diagnostics: [],
  filters: policy.filters.map(({ line: __, ...filter }): Filter => filter),
});

describe("writeNetsh", () => {
  it("writes what readNetsh reads as an equal policy", () => {
    fc.assert(
      fc.property(statePolicy, (original) => {
        expect(content(readBack(original))).toEqual(original);
      }),
      { numRuns: 300 },
    );
  });

  it("is the same text for what it wrote itself", () => {
    fc.assert(
      fc.property(statePolicy, (original) => {
        const text = writeNetsh(original);
        expect(writeNetsh(readBack(original))).toBe(text);
      }),
      { numRuns: 100 },
    );
  });

  it("reads the same however the text is cut into pieces", () => {
    fc.assert(
      fc.property(statePolicy, fc.array(fc.nat(), { maxLength: 20 }), (original, cuts) => {
        const text = writeNetsh(original);
        const places = [0, ...cuts.map((cut) => cut % text.length).sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((end, index) => text.slice(places[index], end));
        expect(readNetsh(pieces, { source: "x" })).toEqual(readNetsh(text, { source: "x" }));
      }),
      { numRuns: 50 },
    );
  });

  it("writes a policy of show filters as such, and gets back what was filled in from tables", () => {
    const xml = diagXml(
      filterXml({ subLayer: "{00000000-0000-4000-8000-0000000000b1}", effectiveWeight: "9" }),
      filterXml({ action: "<type>FWP_ACTION_CALLOUT_UNKNOWN</type><filterType>{00000000-0000-4000-8000-0000000000c1}</filterType>" }),
    );
    const policy = buildPolicy(readNetsh(xml, { source: "x" }));
    expect(writeNetsh(policy)).toContain("<wfpdiag>\n\t<filters>\n\t\t<item>\n\t\t\t<filterKey>");
    expect(content(readBack(policy))).toEqual(content(policy));
  });

  it("marks filters whose provider context names their origin, so that it is found again", () => {
    const providerContextKey = guid(0xd1);
    const context: ProviderContext = {
      key: providerContextKey,
      id: 1n,
      name: "origin",
      description: "",
      flags: 0,
      providerKey: null,
      providerData: null,
      type: "FWPM_GENERAL_CONTEXT",
      body: { kind: "data", data: appIdBlob("Stealth") },
    };
    const flags = FILTER_FLAG.HAS_PROVIDER_CONTEXT;
    const one = { ...filter({ id: 1, action: BLOCK, flags }), providerContextKey, origin: "Stealth" };
    const other = { ...filter({ id: 2, action: BLOCK, flags }), providerContextKey, origin: "{rule}" };
    const { filters } = readBack({ ...policy([one, other]), providerContexts: [context] });
    expect(filters.map(({ origin, namedFlags }) => [origin, namedFlags])).toEqual([
      ["Stealth", ["FWPM_FILTER_FLAG_HAS_FILTER_ORIGIN"]],
      [null, []],
    ]);
  });

  it("replaces what XML cannot hold", () => {
    const policy = buildPolicy(readNetsh(diagXml(filterXml()), { source: "x" }));
    const [filter] = policy.filters;
    const odd = { ...policy, filters: filter === undefined ? [] : [{ ...filter, name: "a\u0000b\ud800c\uffff" }] };
    expect(readBack(odd).filters[0]?.name).toBe("a\ufffdb\ufffdc\ufffd");
  });

  it("prints values in netsh's own form", () => {
    const text = writeNetsh(
      buildPolicy(
        readNetsh(
          diagXml(
            filterXml({
              conditions:
                '<filterCondition numItems="2"><item><fieldKey>FWPM_CONDITION_IP_REMOTE_ADDRESS</fieldKey><matchType>FWP_MATCH_EQUAL</matchType><conditionValue><type>FWP_UINT32</type><uint32>3221225985</uint32></conditionValue></item><item><fieldKey>FWPM_CONDITION_ALE_APP_ID</fieldKey><matchType>FWP_MATCH_EQUAL</matchType><conditionValue><type>FWP_BYTE_BLOB_TYPE</type><byteBlob><data>61002600000000</data></byteBlob></conditionValue></item></filterCondition>'.replace(
                  "61002600000000",
                  "610026000000",
                ),
              subLayer: "FWPM_SUBLAYER_EDGE_TRAVERSAL",
              action: "<type>FWP_ACTION_CALLOUT_TERMINATING</type><filterType>FWPM_CALLOUT_EDGE_TRAVERSAL_ALE_LISTEN_V6</filterType>",
            }),
          ),
          { source: "x" },
        ),
      ),
    );
    expect(text).toContain("<uint32>192.0.2.1</uint32>");
    expect(text).toContain("<data>610026000000</data>\n\t\t\t\t\t\t\t<asString>a&amp;</asString>");
    expect(text).toContain("<subLayerKey>FWPM_SUBLAYER_TEREDO</subLayerKey>");
    expect(text).toContain("<filterType>FWPM_CALLOUT_TEREDO_ALE_LISTEN_V6</filterType>");
  });
});
