/** What a line of `netsh advfirewall firewall show rule` tells. */
export type NetshLabel =
  | "name"
  | "description"
  | "enabled"
  | "direction"
  | "profiles"
  | "group"
  | "localAddress"
  | "remoteAddress"
  | "protocol"
  | "localPort"
  | "remotePort"
  | "edge"
  | "program"
  | "service"
  | "interfaceTypes"
  | "security"
  | "remoteComputers"
  | "remoteUsers"
  | "source"
  | "action";

/**
 * Labels by their letters alone: lower case, without accents, spaces, hyphens and the colon, as these differ between versions. English
 * from recordings; German, French, Spanish, Italian and Portuguese from published output of these consoles.
 */
const LABELS: Readonly<Record<NetshLabel, string>> = {
  name: "rulename regelname nomdelaregle nombrederegla nombredelaregla nomeregola nomedaregra",
  description: "description beschreibung descripcion descrizione descricao",
  enabled: "enabled aktiviert active activee habilitada habilitado abilitata attivata ativado habilitado",
  direction: "direction richtung sens direccion direzione direcao",
  profiles: "profiles profile profils perfiles profili perfis",
  group: "grouping gruppierung groupement regroupement agrupamiento agrupacion raggruppamento agrupamento",
  localAddress: "localip lokaleip lokalesip iplocale adresselocale iplocal ipslocales iplocali",
  remoteAddress: "remoteip ipdistante adressedistante ipremota ipremotas ipremoto",
  protocol: "protocol protokoll protocole protocolo protocollo",
  localPort: "localport lokalerport portlocal puertolocal portalocale portalocal",
  remotePort: "remoteport portdistant puertoremoto portaremota",
  edge: "edgetraversal edgeausnahme edgeuberquerung randuberquerung traverseelaterale traverseedeperimetre crucesegurodelperimetro crucesegurodeperimetro attraversamentoconfini attraversamentobordo passagemdeborda",
  program: "program programm programme programa programma",
  service: "service dienst servicio servizio servico",
  interfaceTypes: "interfacetypes schnittstellentypen typesdinterface tiposdeinterfaz tipidiinterfaccia tiposdeinterface tipiinterfaccia",
  security: "security sicherheit securite seguridad sicurezza seguranca protezione",
  remoteComputers: "rmtcomputergrp remotecomputergroup rmtmachgrp remotecomputergruppe groupedordinateursdistants",
  remoteUsers: "rmtusrgrp remoteusergroup remotebenutzergruppe groupedutilisateursdistants",
  source: "rulesource regelquelle sourcedelaregle origendelaregla origendereglas origineregola origemdaregra",
  action: "action aktion accion azione acao",
};

/** Words for values, by their letters alone. */
const VALUES = {
  yes: "yes ja oui si sim true",
  no: "no nein non nao false",
  in: "in eingehend ein entrant entrante entree dentro entrada ingresso",
  out: "out ausgehend aus sortant saliente sortie fuera salida uscita saida enuscita",
  any: "any beliebig tout tous toutes quelconque nimportelequel cualquiera qualsiasi qualquer alle",
  allow: "allow zulassen autoriser permitir consenti permetti",
  block: "block blockieren blocken bloquer bloquear blocca",
  bypass: "bypass umgehen contourner contourne omitir ignora ignorar",
  domain: "domain domane domaine dominio",
  private: "private privat prive privado privada privato",
  public: "public offentlich publico publica pubblico",
  deferUser: "defertouser benutzerzuruckstellen aufbenutzerzuruckstellen defereralutilisateur diferirausuario diferiralusuario",
  deferApp:
    "defertoapplication anwendungzuruckstellen aufanwendungzuruckstellen defereralapplication diferiraaplicacion diferiralaaplicacion",
  local: "localsetting lokaleeinstellung parametrelocal configuracionlocal impostazionelocale configuracaolocal",
  groupPolicy:
    "grouppolicysetting gruppenrichtlinieneinstellung parametredestrategiedegroupe configuraciondedirectivadegrupo impostazionedeicriteridigruppo",
  notRequired: "notrequired nichterforderlich nonrequis nonrequise nonobligatoire norequerido norequerida nonnecessario",
  authenticate: "authenticate authentifizieren authentifier autenticar",
  encrypt: "authenc encrypt",
  negotiate: "authdynenc",
  noEncapsulation: "authnoencap",
  lan: "lan",
  wireless: "wireless drahtlos sansfil inalambrica inalambrico",
  remoteAccess: "ras remoteaccess",
} as const;

export type NetshValue = keyof typeof VALUES;

const labelByLetters = new Map(
  Object.entries(LABELS).flatMap(([label, words]) => words.split(" ").map((word): [string, NetshLabel] => [word, label as NetshLabel])),
);
const valuesByLetters = new Map<string, Set<NetshValue>>();
for (const [value, words] of Object.entries(VALUES)) {
  for (const word of words.split(" ")) {
    const known = valuesByLetters.get(word) ?? new Set<NetshValue>();
    valuesByLetters.set(word, known.add(value as NetshValue));
  }
}

/** Lower-case letters alone, accents taken off. */
export function lettersOf(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^\p{L}]/gu, "");
}

export function netshLabel(text: string): NetshLabel | undefined {
  return labelByLetters.get(lettersOf(text));
}

/** Whether `text` is one of the language's words for `value`. */
export function netshMeans(text: string, value: NetshValue): boolean {
  return valuesByLetters.get(lettersOf(text))?.has(value) ?? false;
}

/** The one of `values` that `text` means. */
export function netshOneOf<T extends NetshValue>(text: string, values: readonly T[]): T | undefined {
  return values.find((value) => netshMeans(text, value));
}
