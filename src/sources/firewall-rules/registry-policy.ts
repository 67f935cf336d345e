import {
  type FirewallProfile,
  type ImportedProfile,
  type ImportedRule,
  InputError,
  type ProfileSettings,
  type RuleStore,
} from "../../model/index.ts";
import type { RegistryValue } from "./registry-value.ts";
import { HYPER_V, type Remarks } from "./remarks.ts";
import { isRuleString, readRuleString } from "./rule-string.ts";

export interface RegistryPolicy {
  readonly rules: readonly ImportedRule[];
  readonly profiles: readonly ImportedProfile[];
}

/**
 * Keys under which a machine keeps its firewall's policy: the local store and what lies below it (RestrictedServices, Mdm), and the place
 * where group policy goes (MS-GPFAS 2.2). A hive of `.wfw` has the local store at its root.
 */
const ROOTS: readonly { readonly path: RegExp; readonly store: "local" | "group-policy" }[] = [
  { path: /^(?:software\\)?policies\\microsoft\\windowsfirewall(?:\\|$)/i, store: "group-policy" },
  { path: /^software\\policies\\microsoft\\windowsfirewall(?:\\|$)/i, store: "group-policy" },
  {
    path: /^(?:system\\)?(?:currentcontrolset|controlset\d{3})?\\?services\\sharedaccess\\(?:parameters|defaults)\\firewallpolicy(?:\\|$)/i,
    store: "local",
  },
];

/** Folders of rules below the root, the longest first. */
const RULE_FOLDERS: readonly { readonly path: RegExp; readonly store: RuleStore }[] = [
  { path: /^restrictedservices\\static\\system$/i, store: "service-static" },
  { path: /^restrictedservices\\configurable\\system$/i, store: "service-configurable" },
  { path: /^restrictedservices\\appiso\\firewallrules$/i, store: "app-isolation" },
  { path: /^mdm\\firewallrules$/i, store: "mdm" },
  { path: /^firewallrules$/i, store: "local" },
];

const PROFILE_FOLDERS: Readonly<Record<string, readonly FirewallProfile[]>> = {
  domainprofile: ["domain"],
  privateprofile: ["private"],
  // Of the local store it is the private profile; of group policy both (MS-GPFAS 2.2.3).
  standardprofile: ["private"],
  publicprofile: ["public"],
};

/** Values of a profile that are of no consequence for filters. */
const PROFILE_EXTRAS = new Set([
  "disableunicastresponsestomulticastbroadcast",
  "allowlocalipsecpolicymerge",
  "disabledinterfaces",
  "disablestealthmodeipsecsecuredpacketexemption",
  "allowuserprefmerge",
]);

/** Whether values are of a whole SYSTEM or SOFTWARE hive and not of a `.wfw`, which begins at the folder of the policy. */
export function haveFullPaths(values: readonly RegistryValue[]): boolean {
  return values.some(({ key }) => placeOf(key, undefined) !== undefined);
}

/** Folders that are no firewall rules: known, and left out. */
const OTHER_FOLDERS =
  /^(?:dynamickeywords$|mdm\\dynamickeywords$|hyperv\w*|mdm\\hyperv\w*|mdm$|restrictedinterfaces|restrictedservices(?:\\(?:appiso|configurable|static))?$|tenantrestrictions|phase\dauthenticationsets?|phase\dcryptosets?|mainmode\w*|consecrules|(?:\w+profile)\\(?:logging|authorizedapplications|globallyopenports|icmpsettings|remoteadminsettings|services)(?:\\|$)|globallyopenports|authorizedapplications)/i;

/** Exceptions as the policy templates of before Windows Vista have them, by profile; a machine's own leftovers of these have no effect. */
const OLD_FOLDERS = /^\w+profile\\(authorizedapplications|globallyopenports|icmpsettings|remoteadminsettings|services)(?:\\|$)/i;

/** Whether a value does more than switch something off. */
function isSet({ data }: RegistryValue): boolean {
  return data.type === "text" ? data.text !== "" : data.type !== "number" || data.value !== 0;
}

/** Rules and profile settings among the values of a registry. `root` names where values of a hive without the full path belong. */
export function readRegistryPolicy(values: Iterable<RegistryValue>, source: string, remarks: Remarks, root?: "local"): RegistryPolicy {
  const rules: ImportedRule[] = [];
  const settings = new ProfileGatherer(source);
  for (const value of values) {
    const place = placeOf(value.key, root);
    if (place === undefined) {
      if (value.data.type === "text" && isRuleString(value.data.text))
        remarks.warn("registry-key", `rules under an unknown key: ${value.key}`, value.line);
      continue;
    }
    const folder = RULE_FOLDERS.find(({ path }) => path.test(place.path));
    if (folder !== undefined) {
      const store = folder.store === "local" ? place.store : folder.store;
      const rule = ruleOf(value, store, source, remarks);
      if (rule !== undefined) rules.push(rule);
      continue;
    }
    const profiles = PROFILE_FOLDERS[place.path.replace(/^mdm\\/i, "").toLowerCase()];
    if (profiles !== undefined) {
      const store = /^mdm\\/i.test(place.path) ? "mdm" : place.store;
      const both = store === "group-policy" && /standardprofile$/i.test(place.path);
      settings.take(value, both ? ["private", "public"] : profiles, store, both, remarks);
      continue;
    }
    const old = OLD_FOLDERS.exec(place.path)?.[1];
    if (place.store === "group-policy" && old !== undefined && isSet(value)) {
      remarks.warn("old-policy", `exceptions of the older kind (${old}) are not read, of which Windows makes rules as well`, value.line);
      continue;
    }
    if (/^(?:mdm\\)?hyperv/i.test(place.path) && value.data.type === "text" && isRuleString(value.data.text)) {
      remarks.warn("hyper-v", HYPER_V, value.line);
      continue;
    }
    if (/^(?:mdm\\)?dynamickeywords\\/i.test(place.path)) {
      // Recordings have the folders (AutoResolve, NonAutoResolve) and nothing in them; no document tells what a value there looks like.
      remarks.warn(
        "keyword",
        "a list of addresses (a dynamic keyword) is not read from the registry; Get-NetFirewallDynamicKeywordAddress tells it",
        value.line,
      );
      continue;
    }
    if (place.path !== "" && !OTHER_FOLDERS.test(place.path))
      remarks.warn("registry-key", `nothing is known about the key ${value.key}`, value.line);
  }
  return { rules, profiles: settings.list() };
}

function placeOf(key: string, root: "local" | undefined): { path: string; store: "local" | "group-policy" } | undefined {
  for (const { path, store } of ROOTS) {
    const found = path.exec(key);
    if (found !== null) return { path: key.slice(found[0].length), store };
  }
  return root === undefined ? undefined : { path: key, store: root };
}

function ruleOf(value: RegistryValue, store: RuleStore, source: string, remarks: Remarks): ImportedRule | undefined {
  if (value.data.type !== "text" || value.data.text === "") {
    remarks.warn("rule-type", `"${value.name}" among the rules is no text`, value.line);
    return undefined;
  }
  try {
    return readRuleString(value.data.text, { id: value.name, store, file: source, line: value.line }, remarks);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // One rule that cannot be read leaves the others as they are; Windows does the same.
    remarks.error("rule", `${error.message}; the rule is left out`, value.line);
    return undefined;
  }
}

type Draft = { -readonly [K in keyof ProfileSettings]?: ProfileSettings[K] };

class ProfileGatherer {
  readonly #source: string;
  readonly #found = new Map<
    string,
    {
      profile: FirewallProfile;
      store: ImportedProfile["store"];
      shared: boolean;
      settings: Draft;
      allowLocalRules?: boolean;
      line: number | null;
    }
  >();

  constructor(source: string) {
    this.#source = source;
  }

  take(
    { name, data, line }: RegistryValue,
    profiles: readonly FirewallProfile[],
    store: ImportedProfile["store"],
    shared: boolean,
    remarks: Remarks,
  ): void {
    const known = name.toLowerCase();
    if (PROFILE_EXTRAS.has(known)) return;
    if (data.type !== "number") {
      remarks.warn("profile-value", `"${name}" of a profile is no number`, line);
      return;
    }
    const on = data.value !== 0;
    for (const profile of profiles) {
      const identity = `${store} ${profile} ${shared}`;
      const entry = this.#found.get(identity) ?? { profile, store, shared, settings: {}, line };
      this.#found.set(identity, entry);
      if (known === "enablefirewall") entry.settings.enabled = on;
      else if (known === "defaultinboundaction") entry.settings.defaultInboundAction = on ? "block" : "allow";
      else if (known === "defaultoutboundaction") entry.settings.defaultOutboundAction = on ? "block" : "allow";
      else if (known === "donotallowexceptions") entry.settings.allowInboundRules = !on;
      else if (known === "disablestealthmode") entry.settings.stealth = !on;
      else if (known === "disablenotifications") entry.settings.notifyOnListen = !on;
      else if (known === "allowlocalpolicymerge") entry.allowLocalRules = on;
      else remarks.warn("profile-value", `a profile has the unknown value "${name}"`, line);
    }
  }

  /** Of group policy's StandardProfile only what no PrivateProfile or PublicProfile replaces (MS-GPFAS 2.2.3). */
  list(): readonly ImportedProfile[] {
    const entries = [...this.#found.values()];
    const replaced = entries.some(({ store, shared, profile }) => store === "group-policy" && !shared && profile !== "domain");
    return entries
      .filter(({ shared }) => !shared || !replaced)
      .map(({ profile, store, settings, allowLocalRules, line }) => ({
        profile,
        store,
        settings,
        ...(allowLocalRules === undefined ? {} : { allowLocalRules }),
        file: this.#source,
        line,
      }));
  }
}
