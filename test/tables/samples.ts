/** Module objects that are right, one for each thing that the format knows. */
export const goodModules: readonly (readonly [what: string, json: unknown])[] = [
  ['only a name', { module: 'a' }],
  ['a version and a schema', { $schema: 'modalias/schema.json', version: 1, module: 'a', tables: [] }],
  [
    'numbers in all spellings',
    {
      module: 'a',
      tables: [
        { bus: 'pci', rows: [{ vendor: '0x15b3', device: 5555, subdevice: '0', subvendor: '0X1', class: 0 }, {}] },
      ],
    },
  ],
  ['an override by name', { module: 'a', tables: [{ bus: 'pci', name: 't', rows: [{ override_only: 'vfio' }] }] }],
  [
    'own override prefixes',
    {
      module: 'a',
      overridePrefixes: { 2: 'stub', '0x4': 'x' },
      tables: [{ bus: 'pci', rows: [{ override_only: 'stub' }] }],
    },
  ],
  [
    'usb flags',
    {
      module: 'a',
      kernel: '6.12.1+deb',
      tables: [{ bus: 'usb', rows: [{ match_flags: 3, idVendor: 1, idProduct: 2 }] }],
    },
  ],
  ['texts', { module: 'a', tables: [{ bus: 'of', rows: [{ compatible: 'a,b' }] }], aliases: ['devname:x', 'a b', ''] }],
];

/** Module objects that are wrong, with the pointer of each problem. */
export const badModules: readonly (readonly [
  what: string,
  json: unknown,
  problems: readonly (readonly [code: string, pointer: string])[],
])[] = [
  ['no name', {}, [['missing-field', '']]],
  ['a name with a slash', { module: 'a/b' }, [['bad-value', '/module']]],
  ['another version', { version: 2, module: 'a' }, [['bad-value', '/version']]],
  ['an unknown member', { module: 'a', tabels: [] }, [['unknown-field', '/tabels']]],
  ['tables that are no array', { module: 'a', tables: {} }, [['bad-value', '/tables']]],
  [
    'a table that is none',
    { module: 'a', tables: [null, []] },
    [
      ['bad-value', '/tables/0'],
      ['bad-value', '/tables/1'],
    ],
  ],
  ['an unknown bus', { module: 'a', tables: [{ bus: 'pic', rows: [] }] }, [['unknown-bus', '/tables/0/bus']]],
  ['no rows', { module: 'a', tables: [{ bus: 'pci' }] }, [['missing-field', '/tables/0']]],
  [
    'rows that are none',
    { module: 'a', tables: [{ bus: 'pci', rows: [1, [], null] }] },
    [
      ['bad-value', '/tables/0/rows/0'],
      ['bad-value', '/tables/0/rows/1'],
      ['bad-value', '/tables/0/rows/2'],
    ],
  ],
  [
    'two unknown fields',
    { module: 'a', tables: [{ bus: 'pci', rows: [{ x: 1, y: 2 }] }] },
    [
      ['unknown-field', '/tables/0/rows/0/x'],
      ['unknown-field', '/tables/0/rows/0/y'],
    ],
  ],
  [
    'a field that no alias needs',
    { module: 'a', tables: [{ bus: 'pci', rows: [{ driver_data: 1 }] }] },
    [['unknown-field', '/tables/0/rows/0/driver_data']],
  ],
  [
    'numbers out of range',
    {
      module: 'a',
      tables: [
        {
          bus: 'usb',
          rows: [
            {
              idVendor: 65536,
              idProduct: '0x10000',
              bDeviceClass: -1,
              bDeviceSubClass: 1.5,
              bDeviceProtocol: '010',
              bInterfaceClass: true,
              bInterfaceSubClass: '',
            },
          ],
        },
      ],
    },
    [
      'idVendor',
      'idProduct',
      'bDeviceClass',
      'bDeviceSubClass',
      'bDeviceProtocol',
      'bInterfaceClass',
      'bInterfaceSubClass',
    ].map((f) => ['bad-value', `/tables/0/rows/0/${f}`] as const),
  ],
  [
    'digits without 0x',
    { module: 'a', tables: [{ bus: 'pci', rows: [{ vendor: '8086', device: '046d', class: '1' }] }] },
    ['vendor', 'device', 'class'].map((f) => ['bad-value', `/tables/0/rows/0/${f}`] as const),
  ],
  [
    'texts that do not fit',
    {
      module: 'a',
      tables: [{ bus: 'of', rows: [{ name: 'x'.repeat(33), compatible: 'a\u0000' }, { compatible: '\u20ac' }] }],
    },
    [
      ['bad-value', '/tables/0/rows/0/name'],
      ['bad-value', '/tables/0/rows/0/compatible'],
      ['bad-value', '/tables/0/rows/1/compatible'],
    ],
  ],
  [
    'aliases that are none',
    { module: 'a', aliases: ['a\nb', 5] },
    [
      ['bad-value', '/aliases/0'],
      ['bad-value', '/aliases/1'],
    ],
  ],
  ['a prefix for 0', { module: 'a', overridePrefixes: { '0x00': 'none' } }, [['bad-value', '/overridePrefixes/0x00']]],
  ['a prefix that is no word', { module: 'a', overridePrefixes: { 2: 'A b' } }, [['bad-value', '/overridePrefixes/2']]],
  [
    'members called __proto__ further down',
    JSON.parse(
      '{"module":"a","overridePrefixes":{"constructor":"x"},"tables":[{"bus":"dmi","rows":[{"matches":[{"slot":4,"substr":"x","__proto__":1}]}]}]}',
    ),
    [
      ['unknown-field', '/overridePrefixes/constructor'],
      ['unknown-field', '/tables/0/rows/0/matches/0/__proto__'],
    ],
  ],
  ['a member called __proto__', JSON.parse('{"module":"a","__proto__":1}'), [['unknown-field', '/__proto__']]],
];
