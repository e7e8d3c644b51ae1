import { type Format, idsText } from './formats.ts';

/**
 * `model` names the driver of a variant (in domaincommon.rng since libvirt 10.0). Without it libvirt takes the best
 * variant itself, or vfio-pci if there is none; so vfio-pci is named where it was asked for instead of a variant.
 */
export const libvirtXml: Format = (devices, { driver: asked }) => [
  '<!-- stage: none of the boot: libvirt takes the device when the guest starts -->',
  ...devices.flatMap(({ name, bus, driver, ids }) => {
    const address = /^([0-9a-f]+):([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/.exec(name);
    // Two dashes would end an XML comment too early.
    if (!address || bus !== 'pci')
      return [`<!-- ${name.replaceAll('--', '- -')}: libvirt assigns PCI devices only in this way -->`];
    const [, domain, pciBus, slot, fn] = address;
    return [
      "<hostdev mode='subsystem' type='pci' managed='yes'>",
      ...(ids === null ? [] : [`  <!-- ${idsText(ids)}: libvirt takes whatever has the address -->`]),
      ...(driver === 'vfio-pci' && asked === undefined
        ? []
        : ['  <!-- model: from libvirt 10.0 on -->', `  <driver name='vfio' model='${driver}'/>`]),
      '  <source>',
      `    <address domain='0x${domain}' bus='0x${pciBus}' slot='0x${slot}' function='0x${fn}'/>`,
      '  </source>',
      '</hostdev>',
    ];
  }),
];
