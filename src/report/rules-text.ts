import { FIREWALL_PROFILES, type FirewallProfile, type ListedRule, type RuleListing } from "../model/index.ts";
import { labelled } from "./labelled.ts";
import { count, plural } from "./number-text.ts";
import { addressesText, portsText, protocolText, subjectText } from "./rule-fields.ts";
import type { Style } from "./style.ts";
import { type Cell, tableLines } from "./table.ts";
import type { TextOptions } from "./text-options.ts";

export interface RulesTextOptions extends TextOptions {
  /** Which rules were chosen: those in force, the others with why, or some with all that is known of them. */
  readonly view: "in-force" | "inert" | "detail";
}

/** The effective rules of a machine: its files, its profiles' settings, and the chosen rules. */
export function rulesText(listing: RuleListing, chosen: readonly ListedRule[], options: RulesTextOptions): string {
  const { style, width, view } = options;
  const lines = [
    ...listing.files.flatMap(({ source, format, rules }, index) =>
      labelled(index === 0 ? "Files" : "", `${source} (${format}, ${plural(rules, "rule")})`, style, width),
    ),
    ...labelled("Windows", listing.windows, style, width),
    "",
    ...profileLines(listing, style),
    "",
    ...(view === "detail"
      ? chosen.flatMap((one) => [...detailLines(one, style, width), ""])
      : ruleTable(chosen, listing.files.length > 1, options)),
    ...summaryLines(listing, chosen, options),
  ];
  return `${lines.join("\n")}\n`;
}

function profileLines({ profiles }: RuleListing, style: Style): string[] {
  const head = ["Profile", "firewall", "inbound", "outbound", "local rules", "stealth", "notifies"].map(
    (text): Cell => ({ text, paint: style.bold }),
  );
  const rows = profiles.map(({ profile, settings, sources, allowLocalRules }): Cell[] => {
    const from = (text: string, source: string) => (source === "default" || source === "local" ? text : `${text} (${source})`);
    const inbound = settings.allowInboundRules
      ? from(settings.defaultInboundAction, sources.defaultInboundAction)
      : from("block all", sources.allowInboundRules);
    return [
      profile,
      from(settings.enabled ? "on" : "OFF", sources.enabled),
      inbound,
      from(settings.defaultOutboundAction, sources.defaultOutboundAction),
      allowLocalRules ? "count" : "left out",
      from(settings.stealth ? "on" : "off", sources.stealth),
      from(settings.notifyOnListen ? "yes" : "no", sources.notifyOnListen),
    ];
  });
  return tableLines([head, ...rows]);
}

/** What administrators make comes before what Windows keeps for its services and packages, inbound before outbound, blocks before allows. */
const rank = ({ rule, imported }: ListedRule): number =>
  (imported.store === "app-isolation" ? 16 : imported.store.startsWith("service-") ? 8 : 0) +
  (rule.direction === "in" ? 0 : 4) +
  (rule.action === "bypass" ? 0 : rule.action === "block" ? 1 : 2);

function ruleTable(chosen: readonly ListedRule[], severalFiles: boolean, { style, width, view }: RulesTextOptions): string[] {
  if (chosen.length === 0) return [];
  const inert = view === "inert";
  const head = ["Rule", "", "", "profiles", "protocol", ...(inert ? ["from", "why it does nothing"] : ["remote", "program", "from"])];
  const rows = [...chosen]
    .sort((a, b) => rank(a) - rank(b))
    .map((one): Cell[] => {
      const { rule, imported, profiles } = one;
      const { action } = rule;
      const place = { text: placeText(one, severalFiles), paint: style.dim };
      return [
        rule.name,
        rule.direction,
        { text: action, paint: action === "block" ? style.red : style.green },
        profilesText(inert ? imported.rule.profiles : profiles),
        protocolText(rule),
        ...(inert ? [place, one.inert?.detail ?? ""] : [addressesText(rule.remoteAddresses), subjectText(rule), place]),
      ];
    });
  // What is left of the width beside direction, action, profiles and place goes to the others in fixed shares.
  const free = Math.max(60, width - 45);
  const share = (part: number) => Math.max(12, Math.floor(free * part));
  const limits: Record<number, number> = inert
    ? { 0: share(0.4), 4: share(0.2) }
    : { 0: share(0.4), 4: share(0.22), 5: share(0.26), 6: share(0.34) };
  return [...tableLines([head.map((text): Cell => ({ text, paint: style.bold })), ...rows], { limits }), ""];
}

function profilesText(profiles: readonly FirewallProfile[]): string {
  if (profiles.length === FIREWALL_PROFILES.length) return "all";
  return profiles.length === 0 ? "none" : profiles.map((one) => one.slice(0, 3)).join(",");
}

function placeText({ imported: { store, file, line, policy } }: ListedRule, severalFiles: boolean): string {
  if (policy !== null && line === null) return `${store} "${policy}"`;
  if (severalFiles) return `${store}, ${file.split(/[\\/]/).at(-1)}${line === null ? "" : `:${line}`}`;
  return line === null ? store : `${store}, line ${line}`;
}

/** All that is known of one rule. */
function detailLines({ rule, imported, filters, profiles, inert }: ListedRule, style: Style, width: number): string[] {
  const line = (label: string, text: string | undefined): string[] =>
    text === undefined || text === "" ? [] : labelled(label, text, style, width);
  const end = (side: string, addresses: string, ports: string) =>
    addresses === "any" && ports === "any" ? [] : line(side, `${addresses}${ports === "any" ? "" : `, ports ${ports}`}`);
  const state =
    inert === null
      ? `${style.green("in force")}${profiles.length === FIREWALL_PROFILES.length ? "" : ` in ${profiles.join(", ")}`}${filters === null ? "" : `, ${plural(filters, "filter")}`}`
      : `${style.yellow("does nothing")}: ${inert.detail}`;
  const security = [
    rule.security,
    rule.remoteUsers && `users ${rule.remoteUsers}`,
    rule.remoteMachines && `computers ${rule.remoteMachines}`,
  ];
  return [
    ...line("Rule", style.bold(rule.name)),
    ...line("Id", rule.id === rule.name ? undefined : rule.id),
    ...line("State", state),
    ...line(
      "From",
      `${imported.store}, ${imported.file}${imported.line === null ? "" : `:${imported.line}`}${imported.policy === null ? "" : `, policy ${imported.policy}`}${imported.version === null ? "" : `, v${imported.version}`}`,
    ),
    ...line("About", rule.description),
    ...line("Group", rule.group),
    ...line("Does", `${rule.action} ${rule.direction}, ${protocolText(rule)}, profiles ${imported.rule.profiles.join(", ") || "none"}`),
    ...end("Local", addressesText(rule.localAddresses), portsText(rule.localPorts)),
    ...end("Remote", addressesText(rule.remoteAddresses), portsText(rule.remotePorts)),
    ...line("Program", rule.program),
    ...line("Service", rule.service),
    ...line("Package", rule.packageFamilyName ?? rule.package),
    ...line("Users", rule.localUsers ?? rule.owner),
    ...line("IPsec", security.filter((part) => part !== undefined && part !== "").join(", ")),
    ...line("Interface", [...(rule.interfaces ?? []), ...(rule.interfaceKinds ?? [])].join(", ")),
    ...line("Edge", rule.edgeTraversal),
    ...line("Announced", rule.trustTuples?.join(", ")),
    ...line("Networks", rule.networks?.join(", ")),
    ...line("Lists", imported.rule.dynamicAddresses?.join(", ")),
    ...line("Platform", imported.platforms.map(({ major, minor, orLater }) => `${major}.${minor}${orLater ? " or later" : ""}`).join(", ")),
    ...line("Also says", imported.extras.join(", ")),
  ];
}

function summaryLines({ rules }: RuleListing, chosen: readonly ListedRule[], { style, width, view }: RulesTextOptions): string[] {
  if (view === "detail")
    return chosen.length === 0
      ? labelled("Rules", `none of ${count(rules.length)} has this in its name or id`, style, width)
      : labelled("Rules", `${count(chosen.length)} of ${count(rules.length)}`, style, width);
  const inert = rules.filter((one) => one.inert !== null);
  const reasons = new Map<string, number>();
  for (const one of inert) if (one.inert !== null) reasons.set(one.inert.reason, (reasons.get(one.inert.reason) ?? 0) + 1);
  const why = [...reasons].sort(([, a], [, b]) => b - a).map(([reason, number]) => `${count(number)} ${reason}`);
  return [
    ...labelled(
      "Rules",
      `${count(rules.length - inert.length)} in force, ${count(inert.length)} that do nothing${view === "inert" || inert.length === 0 ? "" : " (--inert lists them)"}`,
      style,
      width,
    ),
    ...(why.length === 0 ? [] : labelled("", why.join(", "), style, width)),
  ];
}
