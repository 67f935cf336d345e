import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capabilitySid, isServiceSid, packageSid, serviceSid, sidOfAccount } from "../../src/model/index.ts";
import { sha1 } from "../../src/model/sha1.ts";
import { sha256 } from "../../src/model/sha256.ts";

describe("hashes", () => {
  it("agree with node's", () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
        expect(hex(sha1(message))).toBe(createHash("sha1").update(message).digest("hex"));
        expect(hex(sha256(message))).toBe(createHash("sha256").update(message).digest("hex"));
      }),
    );
  });
});

describe("derived SIDs", () => {
  it("gives services the SIDs that Windows documents, in any case", () => {
    const trustedInstaller = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
    expect(serviceSid("TrustedInstaller")).toBe(trustedInstaller);
    expect(serviceSid("trustedinstaller")).toBe(trustedInstaller);
    expect(sidOfAccount("NT SERVICE\\TrustedInstaller")).toBe(trustedInstaller);
    expect(isServiceSid(trustedInstaller)).toBe(true);
    expect(isServiceSid("S-1-5-80-0")).toBe(false);
  });

  it("gives capabilities their number or their hash", () => {
    expect(capabilitySid("InternetClient")).toBe("S-1-15-3-1");
    expect(capabilitySid("registryRead")).toBe(
      "S-1-15-3-1024-1065365936-1281604716-3511738428-1654721687-432734479-3232135806-4053264122-3456934681",
    );
  });

  it("gives packages the hash of their family name", () => {
    expect(packageSid("Microsoft.MicrosoftEdge_8wekyb3d8bbwe")).toBe(
      "S-1-15-2-3624051433-2125758914-1423191267-1740899205-1073925389-3782572162-737981194",
    );
  });
});
