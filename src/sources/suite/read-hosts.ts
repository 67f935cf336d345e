import { InputError, type InputPosition, parseIpv4, parseIpv6 } from "../../model/index.ts";

/**
 * Addresses of a hosts file (`address name…`, # begins a comment), each once.
 * @throws InputError with the file's line.
 */
export function readHosts(text: string, file: string, position: InputPosition): readonly string[] {
  const addresses = new Set<string>();
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const [address = ""] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (address === "") continue;
    if (parseIpv4(address) === undefined && parseIpv6(address) === undefined) {
      throw new InputError(`expected an address and its names, found "${address}"`, { file, line: index + 1 });
    }
    addresses.add(address);
  }
  if (addresses.size === 0) throw new InputError(`the hosts file ${file} holds no address`, position);
  return [...addresses];
}
