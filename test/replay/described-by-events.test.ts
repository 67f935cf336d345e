import { describe, expect, it } from "vitest";
import { parseAddress, type RecordedVerdict } from "../../src/model/index.ts";
import { describedByEvents, EndpointFacts } from "../../src/replay/index.ts";
import { HOST, PEER } from "./lab.ts";

const local = parseAddress(HOST);
const remote = parseAddress(PEER);

const NOTHING: RecordedVerdict = {
  type: "verdict",
  position: { file: "log", line: 1 },
  host: "PC",
  record: null,
  time: null,
  eventId: 5156,
  netEvent: null,
  action: "permit",
  direction: "out",
  layerId: 48,
  family: 4,
  protocol: 6,
  local,
  localPort: 49_701,
  remote,
  remotePort: 443,
  application: "\\device\\harddiskvolume3\\a.exe",
  processId: null,
  user: null,
  package: null,
  originalProfile: null,
  currentProfile: null,
  interfaceIndex: null,
  isLoopback: null,
  isReauthorization: null,
  filterId: null,
  filterOrigin: null,
  terminatingFilters: [],
};
const listen: RecordedVerdict = {
  ...NOTHING,
  eventId: 5154,
  direction: null,
  local: parseAddress("0.0.0.0"),
  localPort: 8080,
  remote: null,
  remotePort: null,
  application: "\\device\\harddiskvolume3\\server.exe",
};
const described = (...verdicts: readonly RecordedVerdict[]) => describedByEvents(verdicts, [local]);

describe("what audit events tell of endpoints", () => {
  it("a connection has its program, and who listens has a port's", () => {
    const facts = new EndpointFacts(described(NOTHING, listen));
    const ends = { protocol: 6, localAddress: local, remoteAddress: remote };
    expect(facts.owner({ ...ends, localPort: 49_701, remotePort: 443 })).toEqual({ app: NOTHING.application });
    expect(facts.owner({ ...ends, localPort: 8080, remotePort: 50_000 })).toEqual({ app: listen.application });
    expect(facts.owner({ ...ends, localPort: 49_701, remotePort: 80 })).toBeUndefined();
    expect(facts.owner({ ...ends, protocol: 17, localPort: 8080, remotePort: 50_000 })).toBeUndefined();
  });

  it("user and package where net events have them", () => {
    expect(described({ ...NOTHING, user: "S-1-5-18", package: "none" })).toMatchObject([{ user: "S-1-5-18", package: null }]);
    expect(described({ ...NOTHING, package: "S-1-15-2-1" })).toMatchObject([{ package: "S-1-15-2-1" }]);
  });

  it("ends that several programs had after one another are nobody's; what differs of one program is unknown", () => {
    expect(described(NOTHING, listen, { ...listen, application: "\\device\\other.exe" }, listen)).toHaveLength(1);
    const [, both] = described(NOTHING, { ...listen, user: "S-1-5-18" }, { ...listen, user: "S-1-5-19" }, { ...listen, user: "S-1-5-18" });
    expect(both).toEqual({ protocol: 6, localAddress: listen.local, localPort: 8080, app: listen.application });
  });

  it("of several computers those count that have the capture's addresses", () => {
    const other = { ...NOTHING, host: "OTHER", local: parseAddress("10.0.0.77") };
    expect(described(other, { ...listen, host: "OTHER" })).toEqual([]);
    expect(described(other, { ...listen, host: "OTHER", localPort: 1 }, NOTHING, listen).map(({ localPort }) => localPort)).toEqual([
      49_701, 8080,
    ]);
  });

  it("records without a program or ends, and what is forwarded, tell nothing", () => {
    const empty = [{ application: null }, { protocol: null }, { localPort: null }, { direction: "forward" as const }];
    expect(described(...empty.map((of) => ({ ...NOTHING, ...of })))).toEqual([]);
  });
});

describe("several descriptions of one endpoint", () => {
  const ends = { protocol: 6, localAddress: local, localPort: 8080, remoteAddress: remote, remotePort: 50_000 };

  it("add up where they are of one program, or of any", () => {
    const facts = new EndpointFacts([
      { protocol: 6, package: null, user: "S-1-5-20" },
      { protocol: 6, app: "C:\\Server.exe", service: "S-1-5-80-1" },
      { protocol: 6, localPort: 8080, app: "C:\\server.exe", user: "S-1-5-19" },
    ]);
    expect(facts.owner(ends)).toEqual({ app: "C:\\server.exe", user: "S-1-5-19", service: "S-1-5-80-1", package: null });
  });

  it("never mix two programs", () => {
    const facts = new EndpointFacts([
      { protocol: 6, app: "C:\\other.exe", user: "S-1-5-20", package: null },
      { protocol: 6, localPort: 8080, app: "C:\\server.exe" },
    ]);
    expect(facts.owner(ends)).toEqual({ app: "C:\\server.exe" });
  });
});
