import { InputError, type PolicyImport } from "../../../src/model/index.ts";
import { readNetsh } from "../../../src/sources/index.ts";

/** Small files as netsh would write them, made up for the tests. */
export const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

export interface FilterParts {
  readonly key?: string;
  readonly name?: string;
  readonly flags?: string;
  readonly layer?: string;
  readonly subLayer?: string;
  readonly weight?: string;
  readonly conditions?: string;
  readonly action?: string;
  readonly context?: string;
  readonly id?: string;
  readonly effectiveWeight?: string;
  readonly more?: string;
}

let nextKey = 0;

export function filterXml(parts: FilterParts = {}): string {
  const key = parts.key ?? `{00000000-0000-4000-8000-${(++nextKey).toString(16).padStart(12, "0")}}`;
  return `<item>
    <filterKey>${key}</filterKey>
    <displayData><name>${parts.name ?? "a filter"}</name><description/></displayData>
    ${parts.flags ?? "<flags/>"}
    <providerKey/>
    <providerData/>
    <layerKey>${parts.layer ?? "FWPM_LAYER_ALE_AUTH_CONNECT_V4"}</layerKey>
    <subLayerKey>${parts.subLayer ?? "FWPM_SUBLAYER_MPSSVC_WF"}</subLayerKey>
    <weight>${parts.weight ?? "<type>FWP_UINT8</type><uint8>8</uint8>"}</weight>
    ${parts.conditions ?? "<filterCondition/>"}
    <action>${parts.action ?? "<type>FWP_ACTION_PERMIT</type><filterType/>"}</action>
    ${parts.context ?? "<rawContext>0</rawContext>"}
    <reserved/>
    <filterId>${parts.id ?? String(70000 + nextKey)}</filterId>
    <effectiveWeight><type>FWP_UINT64</type><uint64>${parts.effectiveWeight ?? "9223372036854775808"}</uint64></effectiveWeight>
    ${parts.more ?? ""}
  </item>`;
}

export function conditionXml(field: string, match: string, type: string, content: string): string {
  return `<item><fieldKey>${field}</fieldKey><matchType>${match}</matchType><conditionValue><type>${type}</type>${content}</conditionValue></item>`;
}

export const conditionsXml = (...items: string[]): string =>
  `<filterCondition numItems="${items.length}">${items.join("")}</filterCondition>`;

/** What `netsh wfp show filters` writes. */
export function diagXml(...filters: string[]): string {
  return `${DECLARATION}<wfpdiag>\n<filters>${filters.join("\n")}</filters>\n<providers/>\n</wfpdiag>\n`;
}

export interface StateParts {
  readonly before?: string;
  readonly layers?: string;
  readonly callouts?: readonly string[];
  readonly filters?: readonly string[];
  readonly contexts?: string;
  readonly subLayers?: string;
  readonly after?: string;
}

export const CONNECT_LAYER = `<layer>
  <layerKey>FWPM_LAYER_ALE_AUTH_CONNECT_V4</layerKey>
  <displayData><name>ALE Connect v4 Layer</name><description/></displayData>
  <flags numItems="2"><item>FWPM_LAYER_FLAG_KERNEL</item><item>FWPM_LAYER_FLAG_BUILTIN</item></flags>
  <field numItems="3">
    <item><fieldKey>FWPM_CONDITION_IP_PROTOCOL</fieldKey><type>FWPM_FIELD_RAW_DATA</type><dataType>FWP_UINT8</dataType></item>
    <item><fieldKey>FWPM_CONDITION_IP_REMOTE_ADDRESS</fieldKey><type>FWPM_FIELD_IP_ADDRESS</type><dataType>FWP_UINT32</dataType></item>
    <item><fieldKey>FWPM_CONDITION_FLAGS</fieldKey><type>FWPM_FIELD_FLAGS</type><dataType>FWP_UINT32</dataType></item>
  </field>
  <defaultSubLayerKey>FWPM_SUBLAYER_UNIVERSAL</defaultSubLayerKey>
  <layerId>48</layerId>
</layer>`;

const list = (name: string, items: readonly string[]) =>
  items.length === 0 ? `<${name}/>` : `<${name} numItems="${items.length}">${items.join("\n")}</${name}>`;

export const SUBLAYERS = `<subLayers numItems="1"><item>
  <subLayerKey>FWPM_SUBLAYER_MPSSVC_WF</subLayerKey><displayData><name>WF</name><description/></displayData><flags/>
  <providerKey/><providerData/><weight>2</weight></item></subLayers>`;

/** What `netsh wfp show state` writes, with one layer. */
export function stateXml(parts: StateParts = {}): string {
  const content = `${list("callouts", parts.callouts ?? [])}${list("filters", parts.filters ?? [])}`;
  const layers = parts.layers ?? `<layers numItems="1"><item>${CONNECT_LAYER}${content}</item></layers>`;
  return `${DECLARATION}<wfpstate>\n${parts.before ?? ""}${layers}<providers/>${parts.contexts ?? "<providerContexts/>"}${
    parts.subLayers ?? SUBLAYERS
  }${parts.after ?? ""}\n</wfpstate>\n`;
}

export const read = (text: string | Iterable<string>, strict = false): PolicyImport => readNetsh(text, { source: "test.xml", strict });

/** The InputError that `run` throws. */
export function inputErrorOf(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new RangeError("no error was thrown");
}
