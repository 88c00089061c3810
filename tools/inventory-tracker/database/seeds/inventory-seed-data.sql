-- 1,250 items, the same ones on every machine: 50 products x 5 materials x 5 sizes. Safe to run twice.
WITH
  products (n, name, code, category, base_price) AS (
    VALUES
      (0, 'Hex Bolt', 'HXB', 'fasteners', 0.18), (1, 'Wood Screw', 'WSC', 'fasteners', 0.07),
      (2, 'Machine Screw', 'MSC', 'fasteners', 0.09), (3, 'Lock Nut', 'LKN', 'fasteners', 0.11),
      (4, 'Flat Washer', 'FWA', 'fasteners', 0.03), (5, 'Spring Washer', 'SWA', 'fasteners', 0.04),
      (6, 'Threaded Rod', 'TRD', 'fasteners', 2.35), (7, 'Anchor Plug', 'ANP', 'fasteners', 0.22),
      (8, 'Pop Rivet', 'PRV', 'fasteners', 0.06), (9, 'Eye Bolt', 'EYB', 'fasteners', 1.45),
      (10, 'Cable Tie', 'CTI', 'electrical', 0.05), (11, 'Cable Gland', 'CGL', 'electrical', 1.10),
      (12, 'Junction Box', 'JBX', 'electrical', 4.80), (13, 'Terminal Block', 'TBL', 'electrical', 2.15),
      (14, 'Conduit Clip', 'CCL', 'electrical', 0.35), (15, 'Crimp Lug', 'CRL', 'electrical', 0.42),
      (16, 'DIN Rail', 'DNR', 'electrical', 6.90), (17, 'Fuse Holder', 'FHD', 'electrical', 3.25),
      (18, 'Push Button', 'PBT', 'electrical', 5.60), (19, 'Pilot Lamp', 'PLM', 'electrical', 4.10),
      (20, 'Ball Valve', 'BVA', 'plumbing', 12.40), (21, 'Check Valve', 'CVA', 'plumbing', 14.75),
      (22, 'Elbow Fitting', 'ELF', 'plumbing', 2.95), (23, 'Tee Fitting', 'TEF', 'plumbing', 3.60),
      (24, 'Pipe Clamp', 'PCL', 'plumbing', 0.95), (25, 'Hose Clamp', 'HCL', 'plumbing', 0.80),
      (26, 'Union Coupling', 'UCP', 'plumbing', 5.20), (27, 'Reducer', 'RED', 'plumbing', 3.15),
      (28, 'Pressure Gauge', 'PGA', 'plumbing', 18.50), (29, 'Drain Cock', 'DRC', 'plumbing', 7.30),
      (30, 'Deep Groove Bearing', 'DGB', 'mechanical', 8.90), (31, 'Shaft Collar', 'SHC', 'mechanical', 6.45),
      (32, 'Spur Gear', 'SPG', 'mechanical', 22.00), (33, 'Timing Pulley', 'TPL', 'mechanical', 16.80),
      (34, 'Compression Spring', 'CSP', 'mechanical', 1.75), (35, 'Dowel Pin', 'DWP', 'mechanical', 0.55),
      (36, 'Shim Plate', 'SHP', 'mechanical', 0.65), (37, 'Linear Rail', 'LNR', 'mechanical', 48.00),
      (38, 'Leveling Foot', 'LVF', 'mechanical', 9.20), (39, 'Gas Strut', 'GST', 'mechanical', 19.90),
      (40, 'Drill Bit', 'DRB', 'tooling', 3.40), (41, 'Hole Saw', 'HSW', 'tooling', 15.60),
      (42, 'Tap', 'TAP', 'tooling', 11.20), (43, 'End Mill', 'ENM', 'tooling', 27.50),
      (44, 'Hex Key', 'HXK', 'tooling', 1.90), (45, 'Socket', 'SKT', 'tooling', 5.75),
      (46, 'Punch', 'PUN', 'tooling', 4.65), (47, 'Reamer', 'REA', 'tooling', 33.10),
      (48, 'Deburring Blade', 'DBL', 'tooling', 2.20), (49, 'Countersink', 'CSK', 'tooling', 13.30)
  ),
  materials (n, name, code, factor) AS (
    VALUES (0, 'Steel', 'ST', 1.00), (1, 'Stainless Steel', 'SS', 1.85), (2, 'Brass', 'BR', 2.10),
           (3, 'Galvanized Steel', 'GV', 1.20), (4, 'Aluminium', 'AL', 1.45)
  ),
  sizes (n, name, code, factor) AS (
    VALUES (0, '4 mm', '04', 0.80), (1, '6 mm', '06', 1.00), (2, '8 mm', '08', 1.30),
           (3, '10 mm', '10', 1.70), (4, '12 mm', '12', 2.20)
  )
INSERT INTO inventory_items
  (id, sku, name, description, location, quantity, reorder_level, price, attributes, created_at, updated_at)
SELECT
  md5('inventory-item-' || i)::uuid,
  p.code || '-' || m.code || '-' || s.code,
  p.name || ', ' || m.name || ', ' || s.name,
  p.name || ' of ' || lower(m.name) || ', nominal size ' || s.name,
  'Aisle ' || chr(65 + i % 8) || ', shelf ' || (1 + i / 8 % 12) || ', bin ' || lpad((1 + i % 40)::text, 2, '0'),
  i * 37 % 480,
  10 + i * 13 % 40,
  round((p.base_price * m.factor * s.factor)::numeric, 2),
  jsonb_build_object('category', p.category, 'material', m.name, 'size', s.name, 'packSize', (ARRAY[1, 10, 25, 50, 100])[1 + i % 5]),
  timestamptz '2026-01-05 08:00:00+00' + i * interval '7 minutes',
  timestamptz '2026-01-05 08:00:00+00' + i * interval '7 minutes'
FROM generate_series(0, 1249) AS i
JOIN products p ON p.n = i / 25
JOIN materials m ON m.n = i / 5 % 5
JOIN sizes s ON s.n = i % 5
ON CONFLICT (sku) DO NOTHING;
