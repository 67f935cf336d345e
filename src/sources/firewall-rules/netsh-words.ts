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
 * from recordings; German, French, Spanish, Italian, Portuguese, Russian, Japanese and Chinese from published output of these consoles,
 * some of which leave labels in English.
 */
const LABELS: Readonly<Record<NetshLabel, string>> = {
  name: "rulename regelname nomdelaregle nombrederegla nombredelaregla nomeregola nomedaregra 規則名 имяправила 规则名称",
  description: "description beschreibung descripcion descrizione descricao 説明 описание 描述",
  enabled: "enabled aktiviert active activee habilitada habilitado abilitata attivata ativado habilitado 有効 включено 已启用",
  direction: "direction richtung sens direccion direzione direcao 方向 направление",
  profiles: "profiles profile profils perfiles profili perfis プロファイル профили 配置文件",
  group:
    "grouping gruppierung groupement regroupement agrupamiento agrupacion raggruppamento agrupamento groupement グループ группирование группировка 分组",
  localAddress: "localip lokaleip lokalesip iplocale adresselocale iplocal ipslocales iplocali ローカルip локальныйipадрес 本地ip",
  remoteAddress: "remoteip ipdistante adressedistante ipremota ipremotas ipremoto リモートip удаленныйipадрес 远程ip",
  protocol: "protocol protokoll protocole protocolo protocollo プロトコル протокол 协议",
  localPort: "localport lokalerport portlocal puertolocal portalocale portalocal ローカルポート локальныйпорт 本地端口",
  remotePort: "remoteport portdistant puertoremoto portaremota リモートポート удаленныйпорт 远程端口",
  edge: "edgetraversal edgeausnahme edgeuberquerung randuberquerung traverseelaterale traverseedeperimetre crucesegurodelperimetro crucesegurodeperimetro attraversamentoconfini attraversamentobordo passagemdeborda travessiadaborda エッジトラバーサル обходузлов 边缘遍历",
  program: "program programm programme programa programma プログラム программа 程序",
  service: "service dienst servicio servizio servico サービス служба 服务",
  interfaceTypes:
    "interfacetypes schnittstellentypen typesdinterface tiposdeinterfaz tipidiinterfaccia tiposdeinterface tipiinterfaccia インターフェイスの種類 типыинтерфейсов 接口类型",
  security: "security sicherheit securite seguridad sicurezza seguranca protezione セキュリティ безопасность 安全",
  remoteComputers: "rmtcomputergrp remotecomputergroup rmtmachgrp remotecomputergruppe groupedordinateursdistants",
  remoteUsers: "rmtusrgrp remoteusergroup remotebenutzergruppe groupedutilisateursdistants",
  source:
    "rulesource regelquelle sourcedelaregle origendelaregla origendereglas origineregola origemdaregra 規則のソース источникправила 规则源",
  action: "action aktion accion azione acao 操作 действие",
};

/** Words for values, by their letters alone. */
const VALUES = {
  yes: "yes ja oui si sim true はい да 是",
  no: "no nein non nao false いいえ нет 否",
  in: "in eingehend ein entrant entrante entree dentro entrada ingresso actif 入力 входящее входящие входящий 入 入站",
  out: "out ausgehend aus sortant saliente sortie fuera salida uscita saida enuscita 出力 исходящее исходящие исходящий 出 出站",
  any: "any beliebig tout tous toutes quelconque nimportelequel cualquiera qualsiasi qualquer alle 任意 любой любые 任何",
  allow: "allow zulassen autoriser permitir consenti permetti 許可 разрешить 允许",
  block: "block blockieren blocken bloquer bloquear blocca ブロック блокировать 阻止",
  bypass: "bypass umgehen contourner contourne omitir ignora ignorar",
  domain: "domain domane domaine dominio ドメイン домен 域",
  private: "private privat prive privado privada privato particular プライベート частный 专用",
  public: "public offentlich publico publica pubblico パブリック общий 公用",
  deferUser: "defertouser benutzerzuruckstellen aufbenutzerzuruckstellen defereralutilisateur diferirausuario diferiralusuario",
  deferApp:
    "defertoapplication anwendungzuruckstellen aufanwendungzuruckstellen defereralapplication diferiraaplicacion diferiralaaplicacion",
  local: "localsetting lokaleeinstellung parametrelocal configuracionlocal impostazionelocale configuracaolocal",
  groupPolicy:
    "grouppolicysetting gruppenrichtlinieneinstellung parametredestrategiedegroupe configuraciondedirectivadegrupo impostazionedeicriteridigruppo",
  notRequired: "notrequired nichterforderlich nonrequis nonrequise nonobligatoire norequerido norequerida nonnecessario нетребуется",
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
  Object.entries(LABELS).flatMap(([label, words]) =>
    words.split(" ").map((word): [string, NetshLabel] => [lettersOf(word), label as NetshLabel]),
  ),
);
const valuesByLetters = new Map<string, Set<NetshValue>>();
for (const [value, words] of Object.entries(VALUES)) {
  for (const word of words.split(" ")) {
    const letters = lettersOf(word);
    const known = valuesByLetters.get(letters) ?? new Set<NetshValue>();
    valuesByLetters.set(letters, known.add(value as NetshValue));
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

/** The languages of these words, for messages. */
export const NETSH_LANGUAGES = "English, German, French, Spanish, Italian, Portuguese, Russian, Japanese or Chinese";

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
