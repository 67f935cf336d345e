import { appIdPath, DEFAULT_VOLUMES, FIELD_KEY, type FlowSpec, InputError, type Policy } from "../model/index.ts";

/** NT devices of drives, lower case: "c:" → "\device\harddiskvolume3". */
export type Volumes = Readonly<Record<string, string>>;

/**
 * Which device each drive is: filters name programs by device path, people by drive. Drive C: is where most filters say that Windows is;
 * `settings` (`D:=\Device\HarddiskVolume5`) tell others, or better.
 * @throws InputError for a setting that is none.
 */
export function volumesOf(policy: Policy, settings: readonly string[]): Volumes {
  const votes = new Map<string, number>();
  for (const { conditions } of policy.filters) {
    for (const { fieldKey, value } of conditions) {
      if (fieldKey !== FIELD_KEY.ALE_APP_ID || value.type !== "FWP_BYTE_BLOB_TYPE") continue;
      const device = /^(\\device\\[^\\]+)\\windows\\/.exec(appIdPath(value.value).toLowerCase())?.[1];
      if (device !== undefined) votes.set(device, (votes.get(device) ?? 0) + 1);
    }
  }
  const [[windows] = []] = [...votes].sort((a, b) => b[1] - a[1]);
  return {
    ...DEFAULT_VOLUMES,
    ...(windows === undefined ? {} : { "c:": windows }),
    ...Object.fromEntries(settings.map(readSetting)),
  };
}

function readSetting(setting: string): [string, string] {
  const [, drive, device] = /^([a-z]:)=(\\device\\[^\\]+)\\?$/i.exec(setting) ?? [];
  if (drive === undefined || device === undefined) {
    throw new InputError(`--volume: expected DRIVE:=\\Device\\NAME, as in D:=\\Device\\HarddiskVolume5, found "${setting}"`);
  }
  return [drive.toLowerCase(), device.toLowerCase()];
}

/** What to say about the drive in a flow's program path; nothing where it has none. */
export function volumeRemarks({ app }: FlowSpec, volumes: Volumes): string[] {
  const drive = /^([a-z]:)[\\/]/i.exec(app ?? "")?.[1]?.toLowerCase();
  if (drive === undefined) return [];
  const device = volumes[drive];
  const name = drive.toUpperCase();
  return device === undefined
    ? [`drive ${name} is a device nobody told, so no filter names a program on it; --volume ${name}=\\Device\\… tells it`]
    : [`drive ${name} is ${device}; --volume ${name}=\\Device\\… says otherwise`];
}
