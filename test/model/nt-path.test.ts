import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appIdBlob, appIdPath, SYSTEM_APP_ID, toAppId } from "../../src/model/index.ts";

describe("application ids", () => {
  it("are UTF-16LE with the terminating NUL", () => {
    expect(appIdBlob("aé")).toEqual(Uint8Array.of(0x61, 0, 0xe9, 0, 0, 0));
  });

  it("read back what was written", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (path) => appIdPath(appIdBlob(path)) === path));
  });

  it("are lower-case device paths of DOS paths", () => {
    expect(toAppId("C:\\Windows\\System32\\SVCHOST.exe")).toBe("\\device\\harddiskvolume3\\windows\\system32\\svchost.exe");
    expect(toAppId("d:/a/b.exe", { "d:": "\\device\\harddiskvolume7" })).toBe("\\device\\harddiskvolume7\\a\\b.exe");
    expect(toAppId("E:\\x.exe")).toBe("\\device\\e:\\x.exe");
    expect(toAppId("\\Device\\Mup\\Server\\X.exe")).toBe("\\device\\mup\\server\\x.exe");
    expect(toAppId("system")).toBe(SYSTEM_APP_ID);
  });
});
