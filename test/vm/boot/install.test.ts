import { expect, test } from 'vitest';
import { installation } from './install.ts';

test('installation runs a text that says it is a script', () => {
  const text = '# stage: initramfs\n# run this with sh as root\ntrue\n';
  expect(installation('dracut', text, 'dracut')).toEqual({
    files: { '/usr/local/sbin/vfio.sh': text },
    commands: ['sh /usr/local/sbin/vfio.sh'],
    words: '',
  });
});

test('installation puts a text where it says, and runs what is for the maker of the initramfs only', () => {
  const text = [
    '# stage: root file system',
    '# /etc/modprobe.d/vfio.conf; then update the initramfs:',
    '#   initramfs-tools: update-initramfs -u',
    '#   dracut: dracut --force, after these lines in /etc/dracut.conf.d/vfio.conf:',
    '#     one',
    '#     two',
    '# more',
    'options vfio_pci ids=1:2',
    '',
  ].join('\n');
  const files = { '/etc/modprobe.d/vfio.conf': text };
  expect(installation('modprobe.d', text, 'initramfs-tools')).toEqual({
    files,
    commands: ['update-initramfs -u'],
    words: '',
  });
  expect(installation('modprobe.d', text, 'dracut')).toEqual({
    files: { '/etc/dracut.conf.d/vfio.conf': 'one\ntwo\n', ...files },
    commands: ['dracut --force'],
    words: '',
  });
  expect(installation('cmdline', text, 'dracut').words).toBe('options vfio_pci ids=1:2');
});

test('installation enables a unit as it says, and refuses a text without a place', () => {
  const text = '# /etc/systemd/system/vfio-bind.service; then systemctl enable vfio-bind\n[Unit]\n';
  expect(installation('systemd', text, 'dracut').commands).toEqual(['systemctl enable vfio-bind']);
  expect(() => installation('udev', '# stage: root\n', 'dracut')).toThrow(/does not say where to put it/);
});
