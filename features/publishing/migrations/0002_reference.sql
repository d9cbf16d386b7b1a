-- The six information themes and their coverage targets (Decision 414/QĐ-TTg of 2019-04-12). The
-- sources group the 90 % targets differently, so each target stands on its own theme. Programmes
-- change: a later decision adds rows with later days, it never rewrites these.
insert into publishing_themes (code, name, short_name, pictogram, position, valid_from, valid_until, source) values
('cdcs', 'Chủ trương của Đảng, chính sách, pháp luật của Nhà nước', 'Chính sách, pháp luật', 'policy', 1, '2019-04-12', '9999-12-31', 'QĐ 414/QĐ-TTg'),
('khcn', 'Khoa học, công nghệ và thị trường', 'Khoa học, thị trường', 'market', 2, '2019-04-12', '9999-12-31', 'QĐ 414/QĐ-TTg'),
('yte', 'Y tế, phòng, chống các bệnh đặc thù', 'Y tế', 'health', 3, '2019-04-12', '9999-12-31', 'QĐ 414/QĐ-TTg'),
('rung', 'Bảo vệ rừng, phòng, chống cháy rừng', 'Bảo vệ rừng', 'forest', 4, '2019-04-12', '9999-12-31', 'QĐ 414/QĐ-TTg'),
('thien', 'Bảo vệ môi trường, phòng, chống thiên tai', 'Môi trường, thiên tai', 'weather', 5, '2019-04-12', '9999-12-31', 'QĐ 414/QĐ-TTg'),
('antt', 'An ninh, trật tự', 'An ninh, trật tự', 'security', 6, '2019-04-12', '9999-12-31', 'QĐ 414/QĐ-TTg');

insert into publishing_theme_targets (theme, audience, percent, valid_from, valid_until, source) values
('cdcs', 'prestigious_person', 100, '2019-04-12', '9999-12-31', 'QĐ 414/QĐ-TTg'),
('cdcs', 'people', 90, '2019-04-12', '2025-01-01', 'QĐ 414/QĐ-TTg, mục tiêu đến năm 2023'),
('cdcs', 'people', 100, '2025-01-01', '9999-12-31', 'QĐ 414/QĐ-TTg, mục tiêu đến năm 2025'),
('khcn', 'people', 80, '2019-04-12', '9999-12-31', 'QĐ 414/QĐ-TTg, mục tiêu đến năm 2023'),
('yte', 'people', 90, '2019-04-12', '9999-12-31', 'QĐ 414/QĐ-TTg, mục tiêu đến năm 2023'),
('rung', 'people', 90, '2019-04-12', '9999-12-31', 'QĐ 414/QĐ-TTg, mục tiêu đến năm 2023'),
('thien', 'people', 90, '2019-04-12', '9999-12-31', 'QĐ 414/QĐ-TTg, mục tiêu đến năm 2023'),
('antt', 'people', 90, '2019-04-12', '9999-12-31', 'QĐ 414/QĐ-TTg, mục tiêu đến năm 2023');

insert into publishing_audiences (code, name, pictogram, position, valid_from, valid_until) values
('prestigious_person', 'Người có uy tín', 'person', 1, '0001-01-01', '9999-12-31'),
('people', 'Đồng bào', 'meeting', 2, '0001-01-01', '9999-12-31'),
('official', 'Cán bộ', 'document', 3, '0001-01-01', '9999-12-31');

insert into publishing_kinds (code, name, pictogram, has_document, position, valid_from, valid_until) values
('news', 'Tin tức', 'megaphone', false, 1, '0001-01-01', '9999-12-31'),
('policy', 'Chính sách', 'policy', false, 2, '0001-01-01', '9999-12-31'),
('legal_document', 'Văn bản pháp luật', 'document', true, 3, '0001-01-01', '9999-12-31'),
('notice', 'Thông báo', 'info', false, 4, '0001-01-01', '9999-12-31'),
('alert', 'Cảnh báo', 'warning', false, 5, '0001-01-01', '9999-12-31'),
('guide', 'Hướng dẫn', 'education', false, 6, '0001-01-01', '9999-12-31');
