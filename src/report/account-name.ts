import { type Sid, serviceSid, sidName } from "../model/index.ts";

/**
 * Services that come with Windows and that filters name by SID. The SID is a hash of the name, so it can be read only by knowing the name.
 */
const SERVICES =
  "AJRouter ALG AppIDSvc AppXSvc Audiosrv AudioEndpointBuilder BFE BITS BTAGService CDPSvc CertPropSvc CryptSvc DcomLaunch DevicesFlowUserSvc " +
  "DeviceAssociationService Dhcp DiagTrack DnsCache DoSvc DPS DsSvc Eaphost EFS EventLog EventSystem FDResPub fdPHost FontCache FrameServer " +
  "gpsvc HomeGroupListener HomeGroupProvider hns HvHost icssvc IKEEXT InstallService iphlpsvc IpxlatCfgSvc KeyIso KtmRm LanmanServer " +
  "LanmanWorkstation lfsvc LicenseManager lltdsvc lmhosts LSM LxssManager MapsBroker MpsSvc MSDTC MSiSCSI MSMQ NcaSvc NcbService NcdAutoSetup " +
  "NDFRegistrarSvc Netlogon Netman netprofm NetSetupSvc NlaSvc nsi p2pimsvc p2psvc PeerDistSvc pla PlugPlay PNRPAutoReg PNRPsvc " +
  "PolicyAgent Power PrintNotify ProfSvc PushToInstall QWAVE RasAuto RasMan RemoteAccess RemoteRegistry RetailDemo RpcEptMapper RpcLocator " +
  "RpcSs SamSs SCardSvr Schedule SCPolicySvc SecurityHealthService SENS Sense SensorService SessionEnv SharedAccess ShellHWDetection " +
  "shpamsvc simptcp SNMP SNMPTRAP Spooler sppsvc SSDPSRV SstpSvc sshd StateRepository StiSvc StorSvc SysMain TabletInputService TapiSrv " +
  "TermService Themes TimeBrokerSvc TokenBroker TrkWks tzautoupdate UevAgentService UmRdpService upnphost UserManager UsoSvc UxSms vds " +
  "vmcompute vmms VSS W32Time W3SVC WaaSMedicSvc WalletService WarpJITSvc Wcmsvc wcncsvc WdiServiceHost WdiSystemHost WdNisSvc WebClient " +
  "Wecsvc WerSvc WiaRpc WinDefend WinHttpAutoProxySvc Winmgmt WinRM WlanSvc wlidsvc WMPNetworkSvc WpnService wscsvc WSearch wuauserv WwanSvc " +
  "XblAuthManager XblGameSave XboxNetApiSvc";

let services: ReadonlyMap<Sid, string> | undefined;

/** `NT SERVICE\Dhcp`, `NT AUTHORITY\SYSTEM`, `internetClient`; undefined for accounts of a particular machine. */
export function accountName(sid: Sid): string | undefined {
  const known = sidName(sid);
  if (known !== undefined || !sid.startsWith("S-1-5-80-")) return known;
  services ??= new Map(SERVICES.split(" ").map((name) => [serviceSid(name), `NT SERVICE\\${name}`]));
  return services.get(sid);
}
