import { describe, expect, it } from "vitest";
import { readFirewallRules } from "../../../src/sources/index.ts";

const read = (text: string) => readFirewallRules(new TextEncoder().encode(text), { source: "f" });
const LINE = "-".repeat(70);

const ENGLISH = `
Rule Name:                            Web
${LINE}
Description:                          made up
Enabled:                              Yes
Direction:                            In
Profiles:                             Domain,Public
Grouping:                             Tools
LocalIP:                              Any
RemoteIP:                             10.0.0.0/8,LocalSubnet,
                                      192.0.2.1-192.0.2.9
Protocol:                             TCP
LocalPort:                            80,443
RemotePort:                           Any
Edge traversal:                       Defer to application
InterfaceTypes:                       LAN,RAS
Security:                             NotRequired
Rule source:                          Local Setting
Program:                              C:\\web.exe
Service:                              Web
Action:                               Allow

Rule Name:                            Ping
${LINE}
Enabled:                              No
Direction:                            Out
Profiles:                             Domain,Private,Public
Grouping:
LocalIP:                              Any
RemoteIP:                             Any
Protocol:                             ICMPv4
                                      Type    Code
                                      8       Any
                                      3       4
Edge traversal:                       No
Rule source:                          Group Policy Setting
Action:                               Block
Ok.
`;

describe("netsh advfirewall firewall show rule", () => {
  it("reads every label of English text", () => {
    const { rules, format, diagnostics } = read(ENGLISH.replaceAll("\n", "\r\n"));
    expect([format, diagnostics]).toEqual(["netsh", []]);
    expect(rules).toMatchObject([
      {
        store: "local",
        line: 2,
        rule: {
          name: "Web",
          description: "made up",
          group: "Tools",
          enabled: true,
          direction: "in",
          action: "allow",
          profiles: ["domain", "public"],
          protocol: 6,
          program: "C:\\web.exe",
          service: "Web",
          interfaceKinds: ["lan", "remote-access"],
          edgeTraversal: "defer-app",
        },
      },
      {
        store: "group-policy",
        line: 23,
        rule: {
          name: "Ping",
          enabled: false,
          direction: "out",
          action: "block",
          protocol: 1,
          icmpTypes: [{ type: 8 }, { type: 3, code: 4 }],
        },
      },
    ]);
    expect(rules[0]?.rule.localPorts).toHaveLength(2);
    expect(rules[0]?.rule.remoteAddresses).toHaveLength(3);
  });

  it.each([
    [
      "German",
      `Regelname:                            Web\n${LINE}\nAktiviert:                            Ja\nRichtung:                             Eingehend\nProfile:                              Domäne,Öffentlich\nGruppierung:                          \nLokales IP:                           Beliebig\nRemote-IP:                            Beliebig\nProtokoll:                            TCP\nLokaler Port:                         80\nRemoteport:                           Beliebig\nEdgeausnahme:                         Nein\nAktion:                               Zulassen\n`,
    ],
    [
      "French",
      `Nom de la règle :                     Web\n${LINE}\nActive :                              Oui\nDirection :                           Actif\nProfils :                             Domaine,Public\n`.replace(
        "Direction :                           Actif",
        "Sens :                                Entrée",
      ) +
        "Regroupement :                        \nProtocole :                           TCP\nPort local :                          80\nAction :                              Autoriser\n",
    ],
    [
      "Spanish",
      `Nombre de regla:                      Web\n${LINE}\nHabilitada:                           Sí\nDirección:                            Dentro\nPerfiles:                             Dominio,Pública\nAgrupamiento:                         \nProtocolo:                            TCP\nPuerto local:                         80\nAcción:                               Permitir\n`.replace(
        "Pública",
        "Público",
      ),
    ],
    [
      "French of Windows 11, half of it in English,",
      `Nom de la règle :                     Web\n${LINE}\nActivé :                              Oui\nDirection :                           Actif\nProfiles :                            Domaine,Public\nGroupement :\nLocalIP :                             Tout\nRemoteIP :                            Tout\nProtocole :                           TCP\nLocalPort :                           80\nRemotePort :                          Tout\nAction :                              Autoriser\n`,
    ],
    [
      "Portuguese",
      `Nome da Regra:                        Web\n${LINE}\nHabilitado:                           Sim\nDireção:                              Entrada\nPerfis:                               Domínio,Público\nAgrupamento:\nLocalIP:                              Qualquer\nProtocolo:                            TCP\nLocalPort:                            80\nTravessia da borda:                   Não\nTipos de Interface:                   Qualquer\nSegurança:                            NotRequired\nOrigem da Regra:                      Configuração Local\nAção:                                 Permitir\nOk.\n`,
    ],
    [
      "Russian",
      `Имя правила:                          Web\n${LINE}\nВключено:                             Да\nНаправление:                          Входящее\nПрофили:                              Домен,Общий\nПротокол:                             TCP\nЛокальный порт:                       80\nУдаленный IP-адрес:                   Любой\nДействие:                             Разрешить\n`,
    ],
    [
      "Japanese",
      `規則名:                               Web\n${LINE}\n有効:                                 はい\n方向:                                 入力\nプロファイル:                         ドメイン,パブリック\nグループ:\nローカル IP:                          任意\nプロトコル:                           TCP\nローカル ポート:                      80\nエッジ トラバーサル:                  いいえ\n操作:                                 許可\nOK\n`,
    ],
    [
      "Chinese",
      `规则名称:                             Web\n${LINE}\n已启用:                               是\n方向:                                 入\n配置文件:                             域,公用\n分组:\nLocalIP:                              任何\n协议:                                 TCP\n本地端口:                             80\n操作:                                 允许\n确定。\n`,
    ],
  ])("reads %s text", (_language, text) => {
    const { rules, diagnostics } = read(text);
    expect(diagnostics.filter(({ code }) => code !== "netsh-brief")).toEqual([]);
    expect(rules).toMatchObject([
      {
        rule: {
          name: "Web",
          enabled: true,
          direction: "in",
          action: "allow",
          profiles: ["domain", "public"],
          protocol: 6,
          localPorts: [{ low: 80 }],
        },
      },
    ]);
  });

  it("gives rules of one name ids of their own, and says what brief text lacks", () => {
    const rule = `Rule Name:   Web\n${LINE}\nEnabled:   Yes\nDirection:   In\nProfiles:   Public\nProtocol:   Any\nAction:   Allow\n\n`;
    const { rules, diagnostics } = read(rule + rule);
    expect(rules.map((one) => one.rule.id)).toEqual(["Web", "Web (2)"]);
    expect(diagnostics).toMatchObject([{ code: "netsh-brief" }]);
  });

  it("says which line it does not understand", () => {
    const { rules, diagnostics } = read(
      ENGLISH.replace("Enabled:                              No", "Enabled:                              Perhaps").replace(
        "Grouping:                             Tools",
        "Colour:                               Tools",
      ),
    );
    expect(rules).toHaveLength(1);
    expect(diagnostics).toMatchObject([
      { severity: "warning", code: "netsh-label", line: 8 },
      { severity: "error", code: "rule", line: 23 },
    ]);
    expect(() => read(`Nazwa reguły:   Web\n${LINE}\nWłączono:   Tak\nKierunek:   Przychodzący\n`)).toThrow(/language/);
  });

  it("refuses text of which no rule can be read", () => {
    expect(() => read(`規則名稱:   Web\n${LINE}\n已啟用:   是\n方向:   輸入\n`)).toThrow(
      /none of 1 rules can be read: rule "Web": expected in or out/,
    );
  });

  it("reads text in the console's code page, as redirecting leaves it", () => {
    const german = `Regelname:                            Fernwartung für Büros\n${LINE}\nAktiviert:                            Ja\nRichtung:                             Eingehend\nProfile:                              Domäne,Öffentlich\nProtokoll:                            TCP\nLokaler Port:                         80\nProgramm:                             C:\\Büro.exe\nAktion:                               Zulassen\n`;
    const russian = `Имя правила:                          Веб\n${LINE}\nВключено:                             Да\nНаправление:                          Входящее\nПрофили:                              Домен\nПротокол:                             TCP\nПрограмма:                            C:\\a.exe\nДействие:                             Разрешить\n`;
    const encode = (text: string, table: Readonly<Record<string, number>>) =>
      Uint8Array.from(text, (letter) => table[letter] ?? letter.charCodeAt(0));
    const tableOf = (name: string) =>
      Object.fromEntries(
        Array.from({ length: 128 }, (_, index): [string, number] => [
          new TextDecoder(name).decode(Uint8Array.of(index + 128)),
          index + 128,
        ]),
      );
    const oem = encode(german, { ä: 0x84, ö: 0x94, ü: 0x81, Ä: 0x8e, Ö: 0x99, Ü: 0x9a });
    for (const bytes of [oem, encode(german, tableOf("windows-1252"))]) {
      const { rules, diagnostics } = readFirewallRules(bytes, { source: "f" });
      expect(diagnostics).toEqual([]);
      expect(rules).toMatchObject([{ rule: { name: "Fernwartung für Büros", program: "C:\\Büro.exe", profiles: ["domain", "public"] } }]);
    }
    for (const name of ["ibm866", "windows-1251"]) {
      const { rules, diagnostics } = readFirewallRules(encode(russian, tableOf(name)), { source: "f" });
      expect(diagnostics).toEqual([]);
      expect(rules).toMatchObject([{ rule: { name: "Веб", direction: "in", profiles: ["domain"] } }]);
    }
  });
});
