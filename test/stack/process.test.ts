import { expect, it } from "vitest";
import { Bfe } from "../../src/engine/index.ts";
import { appIdPath, type FieldName, type FieldValue } from "../../src/model/index.ts";
import { runScenario } from "../../src/stack/index.ts";

/** A field of the server's listen when `serverApp` serves. */
function listening(serverApp: string, name: FieldName): FieldValue | undefined {
  const { policy } = new Bfe();
  const records = runScenario("tcp-connect", { clientPolicy: policy, serverPolicy: policy, family: 4, windows: "11", serverApp });
  for (const record of records) {
    if (record.type === "indication" && record.event === "listen")
      return record.values[record.layer.fields.findIndex((field) => field.name === name)];
  }
  return undefined;
}

it.each([
  ["System", "System", "S-1-5-18"],
  ["C:\\Tools\\Server.EXE", "\\device\\harddiskvolume3\\tools\\server.exe", "S-1-5-21-1000000001-1000000002-1000000003-1001"],
])("%s listens as %s, user %s", (app, id, user) => {
  const appId = listening(app, "ALE_APP_ID");
  expect(typeof appId === "object" && appId.type === "FWP_BYTE_BLOB_TYPE" && appIdPath(appId.value)).toBe(id);
  expect(listening(app, "ALE_USER_ID")).toMatchObject({ value: { user, packageSid: null } });
});
