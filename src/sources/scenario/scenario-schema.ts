import { z } from "zod";

/** The shape of a scenario file (docs/scenarios.md). What its words mean is checked by read-scenario.ts, so that errors name the word. */

const text = z.string().min(1);
const seconds = z.number().min(0).max(1_000_000);
const version = z.enum(["vista", "7", "8", "10", "11"]);
const versionOf = z.union([version, z.literal([7, 8, 10, 11])]);
const profile = z.enum(["public", "private", "domain", "none"]);
const port = z.union([z.int().min(0).max(65_535), z.literal("$port")]);
const listOf = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1)]);
const share = z.number().min(0).max(1);
const number32 = z.int().min(0).max(0xffff_ffff);

const callout = z
  .union([
    z.enum(["permit", "block", "continue", "pend"]),
    z.strictObject({
      does: z.enum(["permit", "block", "continue"]),
      hard: z.boolean().optional().describe("Takes the right to change the decision from callouts and filters below"),
      absorb: z.boolean().optional().describe("With block: silently, without discard layer and event"),
    }),
    z.strictObject({
      pend: z.strictObject({
        after: seconds.describe("Seconds until it completes by itself"),
        with: z.enum(["permit", "block"]).optional(),
      }),
    }),
    z.strictObject({ redirect: text.describe("Where connections, or binds, go instead: proxy:3128"), process: z.int().min(1).optional() }),
    z.strictObject({ options: z.record(text, number32).describe("Classify options: UNICAST_LIFETIME: 90") }),
  ])
  .describe("What the callout does: permit, block, continue, pend; redirect: proxy:3128; options: {UNICAST_LIFETIME: 90}");

export const filterSchema = z.strictObject({
  name: text,
  layer: text.describe("ALE_AUTH_CONNECT: the layer of the IP version that is played; ALE_AUTH_CONNECT_V4: this layer"),
  action: z.enum(["permit", "block", "callout"]),
  callout: callout.optional(),
  sublayer: text.optional().describe("A sublayer of the host or of Windows; the default sublayer unless told"),
  weight: z
    .union([z.int().min(0), text])
    .optional()
    .describe("0 to 15 is a range, more is the exact weight; automatic unless told"),
  hard: z.boolean().optional().describe("FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT"),
  conditions: z.array(text).optional().describe('"IP_REMOTE_PORT = 443", "IP_LOCAL_PORT = $port", "FLAGS all loopback"'),
});

const interfaceState = {
  profile: profile.optional().describe("Category of the network; public unless told"),
  forwarding: z.boolean().optional().describe("Hands packets for others on"),
  weakHostSend: z.boolean().optional(),
  weakHostReceive: z.boolean().optional(),
  up: z.boolean().optional().describe("Whether it is connected; true unless told"),
};

const interfaceSchema = z.strictObject({
  addresses: z.array(text).min(1).describe("192.0.2.10/24, 2001:db8::10/64"),
  index: z.int().min(2).optional(),
  link: text.optional().describe("Interfaces on one link reach each other; network unless told"),
  mtu: z.int().min(576).max(65_535).optional(),
  gateways: z.array(text).optional().describe("Routers for what is on no subnet of the interface, one of each IP version"),
  ...interfaceState,
});

const process = z.union([
  text,
  z.strictObject({
    path: text.describe("DOS or NT path, or System"),
    id: z.int().min(1).optional(),
    user: text.optional().describe("SID or name of the account; an ordinary user unless told"),
    package: text.optional().describe("SID or name of the AppContainer"),
  }),
]);

const host = z.strictObject({
  windows: versionOf.optional(),
  policy: text.optional().describe("A netsh file, @desktop, @server, or @bare: no filters at all, as where nothing is told"),
  interfaces: z.record(text, interfaceSchema),
  processes: z.record(text, process).optional(),
  sublayers: z.array(z.strictObject({ name: text, weight: z.int().min(0).max(65_535) })).optional(),
  filters: z.array(filterSchema).optional().describe("Filters beside those of the policy, added in this order"),
  allLayers: z.boolean().optional().describe("Shows the MAC layers and STREAM_PACKET even where no filter is"),
  classifyAllow: z.boolean().optional().describe("Net events of allowed classifications too"),
});

const socket = z.strictObject({
  host: text,
  process: text.optional().describe("A process of the host; the only one unless told"),
  protocol: z.union([z.enum(["tcp", "udp"]), z.strictObject({ raw: z.int().min(0).max(255) })]).optional(),
  family: z.enum(["v4", "v6"]).optional().describe("That of the play unless told"),
  dualStack: z.boolean().optional().describe("An IPv6 socket that takes IPv4 peers too"),
});

const network = z.strictObject({
  delay: seconds.optional().describe("One way, in seconds; 0.01 unless told"),
  loss: share.optional().describe("Share of the packets that are lost, 0 to 1"),
  duplication: share.optional(),
  reordering: share.optional(),
  seed: number32.optional().describe("Which packets it hits; 1 unless told"),
  rate: z.number().positive().optional().describe("Bits per second of each sender"),
  mtu: z.int().min(576).optional().describe("Bytes of the longest packet that a router on the way hands on"),
  lose: listOf(text).optional().describe('Packets that are lost, the first that fits each line: "client > server S"'),
});

const event = z.union([
  text,
  z.strictObject({
    event: text.describe('"server audit 5157", "client netevent CLASSIFY_DROP"'),
    data: z.record(text, z.union([text, z.number()])).optional(),
  }),
]);

export const expectSchema = z.strictObject({
  indications: z.array(text).optional().describe('All of them, in order, of the hosts that are named: "client SYN out OUTBOUND_TRANSPORT"'),
  includes: listOf(text).optional().describe("Indications that must be there, in this order"),
  never: listOf(text).optional().describe("Indications that must not be there"),
  outcomes: listOf(text).optional().describe('"client connect() WSAECONNREFUSED"'),
  packets: z.array(text).optional().describe('All packets of the hosts that are named, in order: "client > server S 0:0(0)"'),
  events: z.union([event, z.array(event)]).optional(),
  nothing: listOf(text).optional().describe("Hosts on which nothing is indicated"),
});

const common = {
  at: seconds.optional().describe("Seconds of virtual time at which it happens, at the earliest"),
  id: text.optional().describe("A name for `needs` and `await`"),
  needs: listOf(text).optional().describe("Sockets and steps that must have come about: otherwise the step is left out"),
  expect: expectSchema.optional(),
};

const call = {
  ...common,
  result: text.optional().describe("How the call must end: ok or the Winsock error"),
  orClose: z.boolean().optional().describe("If the call fails the socket is closed and the steps that use it are left out"),
};

const background = z.boolean().optional().describe("Goes on with the next step while the call waits; `await` waits for its end");
const data = { text: text.optional(), bytes: z.int().min(0).max(10_000_000).optional() };
const socketName = text.describe("A socket");
const hostName = text.describe("A host");

/** Schema of each step by the key that says what it does. */
export const STEP_SCHEMAS = {
  note: z.strictObject({ note: text, host: text, ...common }),
  wait: z.strictObject({ wait: z.union([seconds, z.literal("idle")]).describe("Seconds, or idle: until nothing more happens"), ...common }),
  await: z.strictObject({ await: listOf(text).describe("Calls in the background, by id or the socket they are of"), ...common }),
  awaitClosed: z.strictObject({ awaitClosed: listOf(text).describe("TCP sockets whose connections must be over"), ...common }),
  open: z.strictObject({ open: socketName, ...call }),
  bind: z.strictObject({
    bind: socketName,
    address: text.optional(),
    port: port.optional().describe("0, a dynamic one, unless told"),
    ...call,
  }),
  listen: z.strictObject({ listen: socketName, ...call }),
  accept: z.strictObject({ accept: socketName, as: text.describe("Name of the socket of the connection"), background, ...call }),
  connect: z.strictObject({ connect: socketName, to: text.describe("server:$port"), background, ...call }),
  send: z.strictObject({
    send: socketName,
    to: text.optional().describe("server:53, for sockets that are not connected"),
    ...data,
    arrivesAt: text.optional().describe("Waits until the data has arrived at this socket"),
    ...call,
  }),
  receive: z.strictObject({ receive: socketName, text: text.optional().describe("What must arrive"), background, ...call }),
  shutdown: z.strictObject({ shutdown: socketName, ...call }),
  close: z.strictObject({ close: socketName, ...call }),
  join: z.strictObject({ join: socketName, group: text, ...call }),
  ioctl: z.strictObject({ ioctl: z.enum(["SIO_RCVALL", "SIO_RCVALL_MCAST", "SIO_RCVALL_IGMPMCAST"]), socket: socketName, ...call }),
  ping: z.strictObject({ ping: hostName, to: text, bytes: z.int().min(0).max(65_000).optional(), background, ...call }),
  addFilter: z.strictObject({ addFilter: hostName, filter: filterSchema, ...common }),
  removeFilter: z.strictObject({ removeFilter: hostName, name: text, ...common }),
  interface: z.strictObject({
    interface: text.describe("host.interface"),
    addresses: z.array(text).optional(),
    ...interfaceState,
    ...common,
  }),
  complete: z.strictObject({ complete: hostName, filter: text, with: z.enum(["permit", "block"]), ...common }),
  inject: z.strictObject({
    inject: listOf(text).describe('"stranger:4000 > server:80 S 0:0(0) win 65535"'),
    link: text.optional(),
    ...common,
  }),
} as const;

/** Steps that belong together, with a heading. */
export const groupSchema = z.strictObject({
  title: text.optional(),
  do: z.array(z.unknown()).min(1),
  ...common,
});

export type StepName = keyof typeof STEP_SCHEMAS;
export type StepBody<N extends StepName> = z.infer<(typeof STEP_SCHEMAS)[N]>;
export type FilterBody = z.infer<typeof filterSchema>;
export type ExpectBody = z.infer<typeof expectSchema>;
export type HostBody = z.infer<typeof host>;
export type InterfaceBody = z.infer<typeof interfaceSchema>;
export type SocketBody = z.infer<typeof socket>;

const head = {
  scenario: text.describe("A short name: tcp-session"),
  title: text,
  description: z.string().optional(),
  families: z
    .array(z.enum(["v4", "v6"]))
    .min(1)
    .optional()
    .describe("IP versions it can be played with, the usual one first; both unless told"),
  windows: versionOf.optional().describe("Version of Windows of all hosts; 11, or that of the policies, unless told"),
  port: z.int().min(1).max(65_535).optional().describe("What $port stands for; 8080 unless told"),
  network: network.optional(),
  addresses: z.record(text, listOf(text)).optional().describe("Addresses of nobody in particular: group: [239.1.2.3, ff15::123]"),
  hosts: z.record(text, host),
  sockets: z.record(text, socket).optional(),
};

/** The file, its steps unread: they are checked one by one, so that errors name what the step was meant to be. */
export const scenarioSchema = z.strictObject({ ...head, steps: z.array(z.unknown()).min(1) });

const step: z.ZodType = z.lazy(() => z.union([...Object.values(STEP_SCHEMAS), group]));
const group = groupSchema.extend({ do: z.array(step).min(1) });

/** The whole file, for editors. */
export const wholeSchema = z.strictObject({ ...head, steps: z.array(step).min(1) });
