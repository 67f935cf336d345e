import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress, InputError, NET_EVENT_HEADER_FLAG, type NetEventRecord } from "../../../src/model/index.ts";
import { netEventsXml } from "../../../src/report/index.ts";
import { readNetEvents } from "../../../src/sources/index.ts";

const source = "netevents.xml";
const startTime = "2026-01-31T08:00:00Z";

const DROP = `<item>
  <header>
    <timeStamp>2026-01-31T08:00:01.250Z</timeStamp>
    <flags numItems="6">
      <item>FWPM_NET_EVENT_FLAG_IP_PROTOCOL_SET</item>
      <item>FWPM_NET_EVENT_FLAG_LOCAL_ADDR_SET</item>
      <item>FWPM_NET_EVENT_FLAG_REMOTE_PORT_SET</item>
      <item>FWPM_NET_EVENT_FLAG_APP_ID_SET</item>
      <item>FWPM_NET_EVENT_FLAG_USER_ID_SET</item>
      <item>FWPM_NET_EVENT_FLAG_IP_VERSION_SET</item>
    </flags>
    <ipVersion>FWP_IP_VERSION_V6</ipVersion>
    <ipProtocol>6</ipProtocol>
    <localAddrV6.byteArray16>2001:db8::1</localAddrV6.byteArray16>
    <remoteAddrV6.byteArray16>::</remoteAddrV6.byteArray16>
    <localPort>0</localPort>
    <remotePort>443</remotePort>
    <scopeId>0</scopeId>
    <appId><data>5c00610000</data><asString>\\.a.</asString></appId>
    <userId>S-1-5-18</userId>
    <addressFamily>FWP_AF_INET6</addressFamily>
    <packageSid/>
    <enterpriseId/>
    <policyFlags>0</policyFlags>
    <effectiveName/>
  </header>
  <type>FWPM_NET_EVENT_TYPE_CLASSIFY_DROP</type>
  <classifyDrop>
    <filterId>70123</filterId>
    <layerId>50</layerId>
    <reauthReason>0</reauthReason>
    <originalProfile>1</originalProfile>
    <currentProfile>2</currentProfile>
    <msFwpDirection>MS_FWP_DIRECTION_OUT</msFwpDirection>
    <isLoopback>false</isLoopback>
    <vSwitchId/>
    <vSwitchSourcePort>0</vSwitchSourcePort>
    <vSwitchDestinationPort>0</vSwitchDestinationPort>
  </classifyDrop>
  <internalFields>
    <internalFlags/>
    <remoteAddrBitmap>0000000000000000</remoteAddrBitmap>
    <capabilities numItems="1"><item>FWP_CAPABILITIES_FLAG_PRIVATE_NETWORK</item></capabilities>
    <fqbnVersion>0</fqbnVersion>
    <fqbnName/>
    <terminatingFiltersInfo numItems="2">
      <item><filterId>70123</filterId><subLayer>FWPP_SUBLAYER_INTERNAL_FIREWALL_WSH</subLayer><actionType>FWP_ACTION_BLOCK</actionType></item>
      <item><filterId>70124</filterId><subLayer>FWPP_SUBLAYER_INTERNAL_FIREWALL_WF</subLayer><actionType>FWP_ACTION_PERMIT</actionType></item>
    </terminatingFiltersInfo>
    <filterOrigin>Demo Default</filterOrigin>
    <interfaceIndex>7</interfaceIndex>
  </internalFields>
</item>`;

const file = (...items: string[]) =>
  `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<netEvents numItems="${items.length}">\n${items.join("\n")}\n</netEvents>\n`;

/** The message, with its place, of what `text` is refused for. */
function refusal(text: string, strict = false): string {
  try {
    readNetEvents(text, { source, strict });
  } catch (error) {
    if (error instanceof InputError) return error.describe();
    throw error;
  }
  return "";
}

describe("readNetEvents", () => {
  it("reads what netsh prints; a member counts where its flag is set", () => {
    const { events, diagnostics, hasFilters } = readNetEvents(file(DROP.replace("5c00610000", "5c0061000000")), { source, strict: true });
    expect(diagnostics).toEqual([]);
    expect(hasFilters).toBe(false);
    expect(events).toHaveLength(1);
    const [event] = events;
    expect(event).toMatchObject({
      line: 3,
      type: "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP",
      timeStamp: "2026-01-31T08:00:01.250Z",
      family: 6,
      protocol: 6,
      remoteAddress: null,
      localPort: null,
      remotePort: 443,
      appId: "\\a",
      userId: "S-1-5-18",
      packageSid: null,
      filterId: 70123n,
      layerId: 50,
      direction: "out",
      originalProfile: 1,
      currentProfile: 2,
      isLoopback: false,
      capabilities: ["PRIVATE_NETWORK"],
      terminatingFilters: [
        { filterId: 70123n, subLayer: "FWPP_SUBLAYER_INTERNAL_FIREWALL_WSH", action: "block" },
        { filterId: 70124n, subLayer: "FWPP_SUBLAYER_INTERNAL_FIREWALL_WF", action: "permit" },
      ],
      filterOrigin: "Demo Default",
      interfaceIndex: 7,
    });
    expect(event?.localAddress === null || event === undefined ? null : formatAddress(event.localAddress)).toBe("2001:db8::1");
  });

  it("reads them out of wfpdiag.xml, whose filters are a policy", () => {
    const filters = "<filters><item><filterCondition><item/></filterCondition></item></filters><providers/>";
    const text = `<wfpdiag>${filters}<netEvents><netEvent>${DROP.slice("<item>".length, -"</item>".length)}</netEvent></netEvents></wfpdiag>`;
    const { events, hasFilters, diagnostics } = readNetEvents([text.slice(0, 100), text.slice(100)], { source, strict: true });
    expect(events).toHaveLength(1);
    expect(hasFilters).toBe(true);
    expect(diagnostics).toEqual([]);
  });

  it("counts events of IPsec, which have no filter's verdict", () => {
    const failure = "<item><header/><type>FWPM_NET_EVENT_TYPE_IKEEXT_MM_FAILURE</type><ikeMmFailure/></item>";
    const { events, diagnostics } = readNetEvents(file(failure, DROP, failure), { source, strict: true });
    expect(events).toHaveLength(1);
    expect(diagnostics).toMatchObject([{ code: "no-verdict", count: 2 }]);
  });

  it("says what is not understood, and refuses it in strict mode", () => {
    const odd = DROP.replace("FLAG_USER_ID_SET", "FLAG_MOON_SET").replace("<scopeId>0</scopeId>", "<moon>1</moon>");
    expect(readNetEvents(file(odd), { source }).diagnostics.map(({ code, line }) => [code, line])).toEqual([
      ["unknown-element", 20],
      ["unknown-flag", 11],
    ]);
    expect(refusal(file(odd), true)).toMatch(/^netevents\.xml:20: unknown element <moon> in a header/);
  });

  it.each([
    ["<wfpstate/>", /the root element is <wfpstate>, expected <netEvents>/],
    ["<wfpdiag><filters/></wfpdiag>", /holds no net events/],
    ["", /empty/],
    [file(DROP).slice(0, 900), /cut short/],
    [file(DROP.replace("2001:db8::1", "2001:db8::g")), /:16: .*is "2001:db8::g", expected an IPv6 address/],
    [file(DROP.replace("<filterId>70123", "<filterId>x")), /<filterId> is "x", expected a decimal integer/],
    [file(DROP.replace("S-1-5-18", "Bob")), /<userId> is "Bob", expected a SID/],
    [file(DROP.replace("01.250Z", "01")), /expected a time like/],
    [file(DROP.replace("<layerId>50</layerId>", "<layerId>-1</layerId>")), /<layerId> is "-1"/],
    [file(DROP.replace("classifyDrop>", "classifyDrops>").replace("</classifyDrop>", "</classifyDrops>")), /lacks <classifyDrop>/],
  ])("refuses %#", (text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it("reads back what the project writes", () => {
    const address = (family: 4 | 6) => (family === 4 ? fc.ipV4() : fc.constantFrom("2001:db8::1", "fe80::2", "ff02::fb", "::1"));
    const event = fc.constantFrom<4 | 6>(4, 6).chain((family) =>
      fc.record({
        local: address(family),
        remote: address(family),
        protocol: fc.constantFrom(1, 6, 17, 58),
        ports: fc.tuple(fc.nat(65_535), fc.nat(65_535)),
        filterId: fc.bigInt(0n, (1n << 64n) - 1n),
        layerId: fc.constantFrom(13, 44, 48, 50),
        allow: fc.boolean(),
        app: fc.option(fc.string({ unit: fc.constantFrom("a", "é", "\\", "&", "<", " ") })),
        milliseconds: fc.nat(86_400_000),
        terminating: fc.array(
          fc.tuple(fc.bigInt(0n, 1n << 40n), fc.constantFrom("WF", "WSH", "QUARANTINE"), fc.constantFrom("permit", "block")),
        ),
        direction: fc.constantFrom("IN", "OUT", "FORWARD"),
        interfaceIndex: fc.option(fc.nat(100), { nil: undefined }),
        family: fc.constant(family),
      }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 5 }), (made) => {
        const records = made.map((of): NetEventRecord => {
          return {
            type: "netevent",
            seq: 0,
            time: of.milliseconds / 1000,
            host: "host",
            eventType: of.allow ? "FWPM_NET_EVENT_TYPE_CLASSIFY_ALLOW" : "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP",
            header: {
              flags: Object.keys(NET_EVENT_HEADER_FLAG).filter(
                (flag) => /^(IP_|LOCAL|REMOTE)/.test(flag) || (flag === "APP_ID_SET" && of.app !== null),
              ),
              ipVersion: of.family,
              ipProtocol: of.protocol,
              localAddress: of.local,
              remoteAddress: of.remote,
              localPort: of.ports[0],
              remotePort: of.ports[1],
              scopeId: 0,
              userId: null,
              packageSid: null,
            },
            filterId: of.filterId,
            layerId: of.layerId,
            direction: `MS_FWP_DIRECTION_${of.direction}` as "MS_FWP_DIRECTION_IN",
            reauthReason: 0,
            originalProfile: 1,
            currentProfile: 1,
            isLoopback: false,
            flow: { protocol: of.protocol, local: "", remote: "" },
            appId: of.app,
            terminatingFilters: of.terminating.map(([filterId, name, action]) => {
              return { filterId, subLayer: `FWPP_SUBLAYER_INTERNAL_FIREWALL_${name}`, action: action as "permit" };
            }),
            filterOrigin: null,
            ...(of.interfaceIndex === undefined ? {} : { interfaceIndex: of.interfaceIndex }),
          };
        });
        const { events } = readNetEvents(netEventsXml(records, { startTime }), { source, strict: true });
        expect(events).toHaveLength(records.length);
        for (const [index, record] of records.entries()) {
          const read = events[index];
          expect(read?.type).toBe(record.eventType);
          expect(read?.filterId).toBe(record.filterId);
          expect(read?.layerId).toBe(record.layerId);
          expect(read?.terminatingFilters).toEqual(record.terminatingFilters);
          expect(read?.appId).toBe(record.appId);
          expect(read?.localPort).toBe(record.header.localPort);
          expect(read?.remotePort).toBe(record.header.remotePort);
          expect(read?.interfaceIndex).toBe(record.interfaceIndex ?? null);
          expect(read?.localAddress === null || read === undefined ? null : formatAddress(read.localAddress)).toBe(
            record.header.localAddress,
          );
          expect(read?.direction).toBe(record.eventType.endsWith("ALLOW") ? null : record.direction?.slice(17).toLowerCase());
          expect(Date.parse(read?.timeStamp ?? "")).toBe(Date.parse(startTime) + Math.round(record.time * 1000));
        }
      }),
      { numRuns: 60 },
    );
  });
});
