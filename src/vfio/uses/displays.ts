import { atRelease, history } from '../../release-history.ts';
import type { Device } from '../sysfs/device.ts';
import { readRelease } from '../sysfs/roots.ts';
import type { Tree } from '../sysfs/tree.ts';
import { type Claim, readClaims } from './memory-claims.ts';
import type { Use, UseKind } from './use.ts';

/** Framebuffers of the firmware in the devices' memory, and the console where it is on a device. */
export const displays: UseKind = (context) => {
  const { devices, roots } = context;
  const cards = devices.filter(isDisplay);
  if (cards.length === 0) return [];
  const consoles = readConsoles(roots.sysfs);
  const claims = readClaims(roots, cards);
  const removed = atRelease(VFIO_REMOVES, readRelease(roots).release) ?? false;
  return cards.flatMap((card): Use[] => {
    const mine = claims.filter(({ device }) => device === card.name);
    const texts = mine.map((claim) => claimText(claim, consoles, removed && isVga(card)));
    if (mine.length === 0) texts.push(...consoleTexts(roots.sysfs, card, consoles));
    return texts.map((text) => ({ device: card.name, kind: 'framebuffer', text }));
  });
};

/** Base class 03, and VGA of before it (0001). */
function isDisplay({ bus, class: code }: Device): boolean {
  return bus === 'pci' && code !== null && (code >> 16 === 3 || code >> 8 === 1);
}

function isVga({ class: code }: Device): boolean {
  return code !== null && code >> 8 === 0x0300;
}

/**
 * Whether vfio-pci removes the firmware's framebuffers from a card of class 0300, and only of that class, as native
 * drivers do (drivers/vfio/pci/vfio_pci_core.c:vfio_pci_vga_init).
 */
const VFIO_REMOVES = history<boolean>({ '5.10': false, '6.0': true });

/** A bound console of text or graphics (drivers/tty/vt/vt.c:show_name, show_bind). */
interface Console {
  /** `vtcon1`. */
  readonly name: string;
  readonly kind: 'framebuffer' | 'vga';
}

function readConsoles(sysfs: Tree): Console[] {
  return sysfs.list('class/vtconsole').flatMap((name): Console[] => {
    if (sysfs.line(`class/vtconsole/${name}/bind`) !== '1') return [];
    const text = sysfs.line(`class/vtconsole/${name}/name`) ?? '';
    // drivers/video/fbdev/core/fbcon.c:fbcon_startup, drivers/video/console/vgacon.c:vgacon_startup
    const kind = /frame buffer/.test(text) ? 'framebuffer' : /VGA|EGA/.test(text) ? 'vga' : null;
    return kind === null ? [] : [{ name, kind }];
  });
}

/** What a claim on a card's memory means for VFIO, and what ends it. */
function claimText({ region, platform, bar, certain }: Claim, consoles: readonly Console[], removed: boolean): string {
  const who = platform ?? region;
  const has = `${who} ${certain ? 'is' : 'may be'} in its memory${platform === null || region === null ? '' : ` (${region})`}`;
  if (removed) return `${has}, and vfio-pci removes it: the console goes dark`;
  const fails = `a guest will not start ("BAR ${bar ?? 'N'}: can't reserve")`;
  return `${has}: ${fails}; release it first: ${releaseOf(platform, consoles)}`;
}

/**
 * The memory of simple-framebuffer belongs to the device itself, not to its driver, and stays when that is unbound
 * (drivers/firmware/sysfb_simplefb.c:sysfb_create_simplefb); the others claim theirs in the driver.
 */
function releaseOf(platform: string | null, consoles: readonly Console[]): string {
  if (platform === null || platform.startsWith('simple-'))
    return "let the card's native driver take it once, or boot with initcall_blacklist=sysfb_init";
  const detach = consoles.flatMap(({ name, kind }) =>
    kind === 'framebuffer' ? [`echo 0 > /sys/class/vtconsole/${name}/bind`] : [],
  );
  const driver = platform.replace(/\.\d+$/, '');
  return [...detach, `echo ${platform} > /sys/bus/platform/drivers/${driver}/unbind`].join('; ');
}

/** The console on a card without a framebuffer of the firmware: its native driver's, or VGA text. */
function consoleTexts(sysfs: Tree, card: Device, consoles: readonly Console[]): string[] {
  // The first framebuffer has the console, unless fbcon= says otherwise (fbcon.c:fbcon_init).
  const native = sysfs.real('class/graphics/fb0')?.startsWith(`${card.path}/`);
  const boot = sysfs.line(`${card.path}/boot_vga`) === '1';
  const by = consoles.find(({ kind }) => (kind === 'framebuffer' ? native && !boot : boot && card.driver === null));
  if (!by) return [];
  return [`the console is on it (${by.name}, ${by.kind === 'vga' ? 'VGA text' : 'fb0'}): it goes dark`];
}
