import { describe, expect, it } from "vitest";
import { volumeRemarks, volumesOf } from "../../src/cli/volumes.ts";
import { appIdBlob, byteBlob, FIELD_KEY, parseFlow } from "../../src/model/index.ts";
import { filter, policy } from "../report/records.ts";

const program = (id: number, path: string) =>
  filter(id, path, {
    conditions: [{ fieldKey: FIELD_KEY.ALE_APP_ID, matchType: "FWP_MATCH_EQUAL", value: byteBlob(appIdBlob(path)) }],
  });

describe("volumesOf", () => {
  it("takes C: from where most filters say that Windows is", () => {
    const filters = [
      program(1, "\\device\\harddiskvolume4\\windows\\system32\\svchost.exe"),
      program(2, "\\device\\harddiskvolume4\\windows\\system32\\lsass.exe"),
      program(3, "\\device\\harddiskvolume9\\windows\\old.exe"),
      program(4, "\\device\\harddiskvolume7\\programs\\x.exe"),
    ];
    expect(volumesOf(policy({ filters }), [])["c:"]).toBe("\\device\\harddiskvolume4");
  });

  it("believes what it is told", () => {
    expect(volumesOf(policy(), ["D:=\\Device\\HarddiskVolume5"])).toMatchObject({ "d:": "\\device\\harddiskvolume5" });
    expect(() => volumesOf(policy(), ["D=5"])).toThrow(/expected DRIVE:=/);
  });
});

describe("volumeRemarks", () => {
  it("says what a drive was taken for, and what is not known", () => {
    const volumes = volumesOf(policy(), ["C:=\\Device\\HarddiskVolume2"]);
    expect(volumeRemarks(parseFlow("out tcp * > * app=C:\\x.exe"), volumes)[0]).toContain("drive C: is \\device\\harddiskvolume2");
    expect(volumeRemarks(parseFlow("out tcp * > * app=E:\\x.exe"), volumes)[0]).toContain("drive E: is a device nobody told");
    expect(volumeRemarks(parseFlow("out tcp * > * app=System"), volumes)).toEqual([]);
  });
});
