import { isSid, parseSid, type Sid } from "./sid.ts";

/**
 * Stands where SDDL names an account of the machine's or the domain's own authority (LA, DA…), whose SID the text does not tell: domain
 * 0-0-0 with the RID. No machine has that domain; whoever compares such a SID with a real one must answer "unknown" for equal RIDs.
 */
const OWN_DOMAIN = "S-1-5-21-0-0-0-";

/** [SID, account name, SDDL abbreviation], [MS-DTYP] 2.4.2.4 and 2.5.1.1, sddl.h. */
const rows: readonly (readonly [Sid, string, string?])[] = [
  ["S-1-0-0", "NULL SID"],
  ["S-1-1-0", "Everyone", "WD"],
  ["S-1-2-0", "LOCAL"],
  ["S-1-2-1", "CONSOLE LOGON"],
  ["S-1-3-0", "CREATOR OWNER", "CO"],
  ["S-1-3-1", "CREATOR GROUP", "CG"],
  ["S-1-3-4", "OWNER RIGHTS", "OW"],
  ["S-1-5-1", "NT AUTHORITY\\DIALUP"],
  ["S-1-5-2", "NT AUTHORITY\\NETWORK", "NU"],
  ["S-1-5-3", "NT AUTHORITY\\BATCH"],
  ["S-1-5-4", "NT AUTHORITY\\INTERACTIVE", "IU"],
  ["S-1-5-6", "NT AUTHORITY\\SERVICE", "SU"],
  ["S-1-5-7", "NT AUTHORITY\\ANONYMOUS LOGON", "AN"],
  ["S-1-5-8", "NT AUTHORITY\\PROXY"],
  ["S-1-5-9", "NT AUTHORITY\\ENTERPRISE DOMAIN CONTROLLERS", "ED"],
  ["S-1-5-10", "NT AUTHORITY\\SELF", "PS"],
  ["S-1-5-11", "NT AUTHORITY\\Authenticated Users", "AU"],
  ["S-1-5-12", "NT AUTHORITY\\RESTRICTED", "RC"],
  ["S-1-5-13", "NT AUTHORITY\\TERMINAL SERVER USER"],
  ["S-1-5-14", "NT AUTHORITY\\REMOTE INTERACTIVE LOGON"],
  ["S-1-5-15", "NT AUTHORITY\\This Organization"],
  ["S-1-5-17", "NT AUTHORITY\\IUSR"],
  ["S-1-5-18", "NT AUTHORITY\\SYSTEM", "SY"],
  ["S-1-5-19", "NT AUTHORITY\\LOCAL SERVICE", "LS"],
  ["S-1-5-20", "NT AUTHORITY\\NETWORK SERVICE", "NS"],
  ["S-1-5-33", "NT AUTHORITY\\WRITE RESTRICTED", "WR"],
  ["S-1-5-80-0", "NT SERVICE\\ALL SERVICES"],
  ["S-1-5-84-0-0-0-0-0", "NT AUTHORITY\\USER MODE DRIVERS", "UD"],
  ["S-1-5-113", "NT AUTHORITY\\Local account"],
  ["S-1-5-114", "NT AUTHORITY\\Local account and member of Administrators group"],
  ["S-1-5-1000", "NT AUTHORITY\\Other Organization"],
  ["S-1-5-32-544", "BUILTIN\\Administrators", "BA"],
  ["S-1-5-32-545", "BUILTIN\\Users", "BU"],
  ["S-1-5-32-546", "BUILTIN\\Guests", "BG"],
  ["S-1-5-32-547", "BUILTIN\\Power Users", "PU"],
  ["S-1-5-32-548", "BUILTIN\\Account Operators", "AO"],
  ["S-1-5-32-549", "BUILTIN\\Server Operators", "SO"],
  ["S-1-5-32-550", "BUILTIN\\Print Operators", "PO"],
  ["S-1-5-32-551", "BUILTIN\\Backup Operators", "BO"],
  ["S-1-5-32-552", "BUILTIN\\Replicator", "RE"],
  ["S-1-5-32-554", "BUILTIN\\Pre-Windows 2000 Compatible Access", "RU"],
  ["S-1-5-32-555", "BUILTIN\\Remote Desktop Users", "RD"],
  ["S-1-5-32-556", "BUILTIN\\Network Configuration Operators", "NO"],
  ["S-1-5-32-558", "BUILTIN\\Performance Monitor Users", "MU"],
  ["S-1-5-32-559", "BUILTIN\\Performance Log Users", "LU"],
  ["S-1-5-32-562", "BUILTIN\\Distributed COM Users"],
  ["S-1-5-32-568", "BUILTIN\\IIS_IUSRS", "IS"],
  ["S-1-5-32-569", "BUILTIN\\Cryptographic Operators", "CY"],
  ["S-1-5-32-573", "BUILTIN\\Event Log Readers", "ER"],
  ["S-1-5-32-574", "BUILTIN\\Certificate Service DCOM Access", "CD"],
  ["S-1-5-32-575", "BUILTIN\\RDS Remote Access Servers", "RA"],
  ["S-1-5-32-576", "BUILTIN\\RDS Endpoint Servers", "ES"],
  ["S-1-5-32-577", "BUILTIN\\RDS Management Servers", "MS"],
  ["S-1-5-32-578", "BUILTIN\\Hyper-V Administrators", "HA"],
  ["S-1-5-32-579", "BUILTIN\\Access Control Assistance Operators", "AA"],
  ["S-1-5-32-580", "BUILTIN\\Remote Management Users", "RM"],
  ["S-1-5-32-584", "BUILTIN\\User Mode Hardware Operators", "HO"],
  ["S-1-5-32-585", "BUILTIN\\OpenSSH Users", "SH"],
  ["S-1-15-2-1", "APPLICATION PACKAGE AUTHORITY\\ALL APPLICATION PACKAGES", "AC"],
  ["S-1-15-2-2", "APPLICATION PACKAGE AUTHORITY\\ALL RESTRICTED APPLICATION PACKAGES"],
  ["S-1-16-4096", "Mandatory Label\\Low Mandatory Level", "LW"],
  ["S-1-16-8192", "Mandatory Label\\Medium Mandatory Level", "ME"],
  ["S-1-16-8448", "Mandatory Label\\Medium Plus Mandatory Level", "MP"],
  ["S-1-16-12288", "Mandatory Label\\High Mandatory Level", "HI"],
  ["S-1-16-16384", "Mandatory Label\\System Mandatory Level", "SI"],
  ["S-1-18-1", "Authentication authority asserted identity", "AS"],
  ["S-1-18-2", "Service asserted identity", "SS"],
  [`${OWN_DOMAIN}498`, "Enterprise Read-only Domain Controllers", "RO"],
  [`${OWN_DOMAIN}500`, "Administrator", "LA"],
  [`${OWN_DOMAIN}501`, "Guest", "LG"],
  [`${OWN_DOMAIN}512`, "Domain Admins", "DA"],
  [`${OWN_DOMAIN}513`, "Domain Users", "DU"],
  [`${OWN_DOMAIN}514`, "Domain Guests", "DG"],
  [`${OWN_DOMAIN}515`, "Domain Computers", "DC"],
  [`${OWN_DOMAIN}516`, "Domain Controllers", "DD"],
  [`${OWN_DOMAIN}517`, "Cert Publishers", "CA"],
  [`${OWN_DOMAIN}518`, "Schema Admins", "SA"],
  [`${OWN_DOMAIN}519`, "Enterprise Admins", "EA"],
  [`${OWN_DOMAIN}520`, "Group Policy Creator Owners", "PA"],
  [`${OWN_DOMAIN}522`, "Cloneable Domain Controllers", "CN"],
  [`${OWN_DOMAIN}525`, "Protected Users", "AP"],
  [`${OWN_DOMAIN}526`, "Key Admins", "KA"],
  [`${OWN_DOMAIN}527`, "Enterprise Key Admins", "EK"],
  [`${OWN_DOMAIN}553`, "RAS and IAS Servers", "RS"],
];

/** Names of the capabilities with a RID of their own (winnt.h SECURITY_CAPABILITY_*), by that RID. */
const capabilities: readonly (readonly [number, string])[] = [
  [1, "internetClient"],
  [2, "internetClientServer"],
  [3, "privateNetworkClientServer"],
  [4, "picturesLibrary"],
  [5, "videosLibrary"],
  [6, "musicLibrary"],
  [7, "documentsLibrary"],
  [8, "enterpriseAuthentication"],
  [9, "sharedUserCertificates"],
  [10, "removableStorage"],
  [11, "appointments"],
  [12, "contacts"],
];

const names = new Map<string, string>();
const sids = new Map<string, Sid>();
const abbreviations = new Map<string, Sid>();
const abbreviationOf = new Map<string, string>();

for (const [sid, name, abbreviation] of rows) {
  names.set(sid, name);
  sids.set(name.toUpperCase(), sid);
  // "SYSTEM" for "NT AUTHORITY\SYSTEM"; no short name occurs twice.
  sids.set(name.slice(name.indexOf("\\") + 1).toUpperCase(), sid);
  if (abbreviation === undefined) continue;
  abbreviations.set(abbreviation, sid);
  abbreviationOf.set(sid, abbreviation);
}
for (const [short, sid] of [
  ["LOCALSYSTEM", "S-1-5-18"],
  ["LOCALSERVICE", "S-1-5-19"],
  ["NETWORKSERVICE", "S-1-5-20"],
  ["ANONYMOUS", "S-1-5-7"],
  ["WORLD", "S-1-1-0"],
] as const) {
  sids.set(short, sid);
  sids.set(`NT AUTHORITY\\${short}`, sid);
}
for (const [rid, name] of capabilities) {
  names.set(`S-1-15-3-${rid}`, name);
  sids.set(name.toUpperCase(), `S-1-15-3-${rid}`);
}

/** Account name of a well-known SID, e.g. `NT AUTHORITY\SYSTEM`; undefined for any other. */
export function sidName(sid: Sid): string | undefined {
  return names.get(sid);
}

/**
 * The SID of a well-known account, in any case: full name, name without authority, SDDL abbreviation, capability name, or a SID itself.
 * Names of machine or domain accounts give the placeholder of {@link isOwnDomainSid}. Undefined if the name is not known.
 */
export function sidOfName(name: string): Sid | undefined {
  const upper = name.trim().toUpperCase();
  if (isSid(upper)) return parseSid(upper);
  return sids.get(upper) ?? abbreviations.get(upper);
}

/** The SID of an SDDL abbreviation, upper case ("SY"); undefined if it is none. */
export function sidOfAbbreviation(abbreviation: string): Sid | undefined {
  return abbreviations.get(abbreviation);
}

/** The SDDL abbreviation of a SID; undefined if it has none. */
export function sidAbbreviation(sid: Sid): string | undefined {
  return abbreviationOf.get(sid);
}

/**
 * Whether a SID stands for an account of the machine's or the domain's own authority (SDDL LA, DA…): domain 0-0-0 with the RID of one of
 * those abbreviations. S-1-5-21-0-0-0-496 and -497 are real SIDs (compounded authentication, claims valid).
 */
export function isOwnDomainSid(sid: Sid): boolean {
  return sid.startsWith(OWN_DOMAIN) && abbreviationOf.has(sid);
}

/** Every name that {@link sidOfName} knows, for suggestions. */
export function knownSidNames(): readonly string[] {
  return [...rows.map((row) => row[1].slice(row[1].indexOf("\\") + 1)), ...capabilities.map((row) => row[1])];
}
