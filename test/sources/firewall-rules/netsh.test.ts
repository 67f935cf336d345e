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
    expect(() => read(`規則名稱:   Web\n${LINE}\n已啟用:   是\n方向:   輸入\n`)).toThrow(/language/);
  });
});
