import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { NetEventRecord } from "../../src/model/index.ts";
import { netEventsXml } from "../../src/report/index.ts";

const startTime = "2026-01-31T08:00:00Z";

const DROP: NetEventRecord = {
  type: "netevent",
  seq: 1,
  time: 1.25,
  host: "server",
  eventType: "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP",
  header: {
    flags: ["IP_PROTOCOL_SET", "LOCAL_ADDR_SET"],
    ipVersion: 4,
    ipProtocol: 17,
    localAddress: "192.0.2.1",
    remoteAddress: null,
    localPort: 53,
    remotePort: null,
    scopeId: 0,
    userId: "S-1-5-20",
    packageSid: "S-1-0-0",
    enterpriseId: null,
    policyFlags: 0,
    effectiveName: null,
  },
  filterId: 70_123n,
  layerId: 44,
  direction: "MS_FWP_DIRECTION_IN",
  reauthReason: 0,
  originalProfile: 1,
  currentProfile: 2,
  isLoopback: false,
  vSwitchId: null,
  flow: { protocol: 17, local: "192.0.2.1:53", remote: "*:*" },
  appId: "\\a\\é",
  terminatingFilters: [{ filterId: 70_123n, subLayer: "FWPP_SUBLAYER_INTERNAL_FIREWALL_WF", action: "block" }],
  capabilities: [],
  filterOrigin: 'Rule "1" & more',
  interfaceIndex: 5,
};

/** The same as Windows of before Windows 7 has it: fewer members everywhere. */
function onVista(): NetEventRecord {
  const { packageSid: _p, enterpriseId: _e, policyFlags: _f, effectiveName: _n, ...header } = DROP.header;
  const { direction: _d, reauthReason: _r, originalProfile: _o, currentProfile: _c, isLoopback: _l, ...rest } = DROP;
  const { vSwitchId: _v, capabilities: _a, interfaceIndex: _i, ...record } = rest;
  return { ...record, header };
}

/** Names of elements in document order, of one event. */
const elements = (xml: string) => [...xml.matchAll(/<([A-Za-z][\w.]*)/g)].map(([, name]) => name).filter((name) => name !== "item");

describe("netEventsXml", () => {
  it("prints an event of Windows 11 as Microsoft's samples have it", () => {
    expect(netEventsXml([DROP], { startTime })).toBe(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<netEvents numItems="1">
	<item>
		<header>
			<timeStamp>2026-01-31T08:00:01.250Z</timeStamp>
			<flags numItems="2">
				<item>FWPM_NET_EVENT_FLAG_IP_PROTOCOL_SET</item>
				<item>FWPM_NET_EVENT_FLAG_LOCAL_ADDR_SET</item>
			</flags>
			<ipVersion>FWP_IP_VERSION_V4</ipVersion>
			<ipProtocol>17</ipProtocol>
			<localAddrV4>192.0.2.1</localAddrV4>
			<remoteAddrV4>0.0.0.0</remoteAddrV4>
			<localPort>53</localPort>
			<remotePort>0</remotePort>
			<scopeId>0</scopeId>
			<appId>
				<data>5c0061005c00e9000000</data>
				<asString>\\.a.\\.....</asString>
			</appId>
			<userId>S-1-5-20</userId>
			<addressFamily>FWP_AF_INET</addressFamily>
			<packageSid>S-1-0-0</packageSid>
			<enterpriseId/>
			<policyFlags>0</policyFlags>
			<effectiveName/>
		</header>
		<type>FWPM_NET_EVENT_TYPE_CLASSIFY_DROP</type>
		<classifyDrop>
			<filterId>70123</filterId>
			<layerId>44</layerId>
			<reauthReason>0</reauthReason>
			<originalProfile>1</originalProfile>
			<currentProfile>2</currentProfile>
			<msFwpDirection>MS_FWP_DIRECTION_IN</msFwpDirection>
			<isLoopback>false</isLoopback>
			<vSwitchId/>
			<vSwitchSourcePort>0</vSwitchSourcePort>
			<vSwitchDestinationPort>0</vSwitchDestinationPort>
		</classifyDrop>
		<internalFields>
			<internalFlags numItems="1">
				<item>FWPM_NET_EVENT_INTERNAL_FLAG_FILTER_ORIGIN_SET</item>
			</internalFlags>
			<capabilities/>
			<fqbnVersion>0</fqbnVersion>
			<fqbnName/>
			<terminatingFiltersInfo numItems="1">
				<item>
					<filterId>70123</filterId>
					<subLayer>FWPP_SUBLAYER_INTERNAL_FIREWALL_WF</subLayer>
					<actionType>FWP_ACTION_BLOCK</actionType>
				</item>
			</terminatingFiltersInfo>
			<filterOrigin>Rule &quot;1&quot; &amp; more</filterOrigin>
			<interfaceIndex>5</interfaceIndex>
		</internalFields>
	</item>
</netEvents>
`);
  });

  it("leaves out what an older Windows does not have", () => {
    const body = netEventsXml([onVista()], { startTime });
    expect(elements(body)).toEqual([
      ...["netEvents", "header", "timeStamp", "flags", "ipVersion", "ipProtocol", "localAddrV4", "remoteAddrV4", "localPort", "remotePort"],
      ...["scopeId", "appId", "data", "asString", "userId", "type", "classifyDrop", "filterId", "layerId", "internalFields"],
      ...["internalFlags", "remoteAddrBitmap", "terminatingFiltersInfo", "filterId", "subLayer", "actionType"],
    ]);
  });

  it("allowed connections end with their profiles", () => {
    const allow = netEventsXml([{ ...DROP, eventType: "FWPM_NET_EVENT_TYPE_CLASSIFY_ALLOW" }], { startTime });
    expect(/<classifyAllow>([\s\S]*)<\/classifyAllow>/.exec(allow)?.[1]?.match(/<(\w+)>/g)).toEqual([
      "<filterId>",
      "<layerId>",
      "<reauthReason>",
      "<originalProfile>",
      "<currentProfile>",
    ]);
  });

  it("IPv6, capabilities and frames have their own members", () => {
    const v6 = { ...DROP.header, ipVersion: 6 as const, localAddress: "2001:db8::1", remoteAddress: "fe80::1", scopeId: 5 };
    const text = netEventsXml(
      [
        { ...DROP, header: v6, eventType: "FWPM_NET_EVENT_TYPE_CAPABILITY_DROP", networkCapability: "INTERNET_CLIENT", appId: null },
        {
          ...DROP,
          header: { ...DROP.header, ipVersion: null, ipProtocol: null, localAddress: null },
          eventType: "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP_MAC",
          mac: {
            localMacAddr: "02-57-0a-00-00-01",
            remoteMacAddr: "02-57-0a-00-00-02",
            mediaType: 0,
            ifType: 6,
            etherType: 2048,
            vlanTag: 0,
            ifLuid: "1689399649632256",
          },
        },
      ],
      { startTime },
    );
    expect(text).toContain("<localAddrV6.byteArray16>2001:db8::1</localAddrV6.byteArray16>");
    expect(text).toContain("<addressFamily>FWP_AF_INET6</addressFamily>");
    expect(text).toContain("<appId/>");
    expect(text.replace(/\s+/g, "")).toContain(
      "<capabilityDrop><networkCapabilityId>FWPM_APPC_NETWORK_CAPABILITY_INTERNET_CLIENT</networkCapabilityId>" +
        "<filterId>70123</filterId><isLoopback>false</isLoopback></capabilityDrop>",
    );
    expect(text).toContain("<ipVersion>FWP_IP_VERSION_NONE</ipVersion>");
    expect(text.replace(/\s+/g, "")).toContain(
      "<classifyDropMac><localMacAddr.byteArray6>02-57-0a-00-00-01</localMacAddr.byteArray6>" +
        "<remoteMacAddr.byteArray6>02-57-0a-00-00-02</remoteMacAddr.byteArray6><mediaType>0</mediaType><ifType>6</ifType>" +
        "<etherType>2048</etherType><ndisPortNumber>0</ndisPortNumber><reserved>0</reserved><vlanTag>0</vlanTag>" +
        "<ifLuid>1689399649632256</ifLuid><filterId>70123</filterId><layerId>44</layerId>",
    );
  });

  it("is one empty element where nothing was dropped, and names hosts where there are several", () => {
    expect(netEventsXml([], { startTime })).toBe('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<netEvents/>\n');
    const two = netEventsXml([DROP, { ...DROP, host: "cli--ent" }], { startTime });
    expect(two.match(/<!--.*-->/g)).toEqual(["<!-- server -->", "<!-- cli- -ent -->"]);
  });
});

const xmllint = spawnSync("xmllint", ["--version"]).status === 0;

describe.skipIf(!xmllint)("xmllint", () => {
  it("finds it well-formed, whatever the texts hold", () => {
    const nasty: NetEventRecord = { ...DROP, appId: '<&>"\u0001]]>', filterOrigin: "\u0000\ud800 ]]> <!-- -->", host: "--" };
    const { status, stderr } = spawnSync("xmllint", ["--noout", "-"], { input: netEventsXml([nasty, DROP, onVista()], { startTime }) });
    expect(String(stderr)).toBe("");
    expect(status).toBe(0);
  });
});
