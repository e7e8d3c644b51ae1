import type { Format } from './formats.ts';

/** `model` names the driver of a variant (in domaincommon.rng since libvirt 10.0); plain vfio-pci needs none. */
export const libvirtXml: Format = (devices) =>
  devices.flatMap(({ name, bus, driver }) => {
    const address = /^([0-9a-f]+):([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/.exec(name);
    // Two dashes would end an XML comment too early.
    if (!address || bus !== 'pci')
      return [`<!-- ${name.replaceAll('--', '- -')}: libvirt assigns PCI devices only in this way -->`];
    const [, domain, pciBus, slot, fn] = address;
    return [
      "<hostdev mode='subsystem' type='pci' managed='yes'>",
      ...(driver === 'vfio-pci'
        ? []
        : ['  <!-- model: from libvirt 10.0 on -->', `  <driver name='vfio' model='${driver}'/>`]),
      '  <source>',
      `    <address domain='0x${domain}' bus='0x${pciBus}' slot='0x${slot}' function='0x${fn}'/>`,
      '  </source>',
      '</hostdev>',
    ];
  });
