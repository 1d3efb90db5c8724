"""Vietnamese names by sex and birth cohort: surnames, middle names, given names.

Leading shares follow public statistics (surnames: national estimate and Đắk Lắk; given names:
births 1991-2002 in Đắk Lắk; lengths: HCMC births 2007-2011); order and tail of the other lists are
assumed. The lists are written most frequent first.
"""

from __future__ import annotations

from typing import Final

#: Percent of people; Hoàng/Huỳnh and Vũ/Võ are told apart by region in ``names.py``.
SURNAMES: Final = (
    "Nguyễn:38.4 Trần:12.1 Lê:9.5 Phạm:7 Hoàng:5.1 Phan:4.5 Vũ:3.9 Đặng:2.1 Bùi:2 Đỗ:1.4 "
    "Trương:1.4 Hồ:1.3 Ngô:1.3 Dương:1 Đinh:0.9 Đoàn:0.6 Lâm:0.6 Mai:0.6 Lý:0.5 Trịnh:0.5 "
    "Đào:0.5 Cao:0.5 Lương:0.4 Hà:0.4 Tạ:0.3 Châu:0.25 Thái:0.25 Tô:0.25 Vương:0.25 Quách:0.2 "
    "Tăng:0.2 La:0.2 Thạch:0.2 Kim:0.15 Sơn:0.15 Triệu:0.2 Lưu:0.25 Phùng:0.25 Nông:0.2 "
    "Hứa:0.2 Chu:0.2 Nghiêm:0.1 Kiều:0.1 Từ:0.1 Đàm:0.15 Đồng:0.1 Tống:0.15 Lục:0.1 Bế:0.05 "
    "Lò:0.15 Quàng:0.1 Cầm:0.05 Hầu:0.05 Giàng:0.1 Vàng:0.1 Thào:0.05 Sùng:0.05 Mạc:0.1 "
    "Khổng:0.05 Tôn:0.1 Bạch:0.05 Văn:0.05 Viên:0.05 Thân:0.05 Doãn:0.05 Phí:0.05 Ninh:0.05 "
    "Cù:0.05 Đới:0.05 Âu:0.05 Ma:0.1 Lại:0.1 Mã:0.05 Trà:0.05 Danh:0.05 Thi:0.03"
)

MIDDLES: Final = {
    ("male", "old"): "Văn:48 Đình:6 Hữu:5 Xuân:5 Đức:4 Công:4 Quang:3 Bá:3 Thế:3 Ngọc:3 Minh:2 "
    "Duy:1 Trọng:2 Viết:2 Quốc:2 Thanh:2 Hồng:1 Huy:1 Mạnh:1 Khắc:1 Như:1 Tiến:1 Phúc:1",
    ("male", "mid"): "Văn:30 Minh:5 Quang:4 Đức:5 Ngọc:4 Thanh:5 Quốc:4 Hữu:4 Xuân:3 Đình:4 Công:4 "
    "Anh:3 Tuấn:3 Hoàng:3 Thành:3 Duy:2 Trung:2 Mạnh:2 Thế:2 Trọng:1 Tiến:1 Hồng:1 Việt:2 Hải:1",
    ("male", "young"): "Minh:9 Văn:8 Quang:6 Hoàng:7 Gia:7 Đức:6 Anh:5 Quốc:5 Thanh:4 Tuấn:4 Bảo:4 "
    "Ngọc:3 Hữu:3 Thành:3 Nhật:4 Duy:4 Trung:2 Mạnh:2 Đăng:3 Khánh:2 Thiên:2 Công:2 Việt:2 Xuân:1 "
    "Phúc:2 Nguyên:2 Tấn:2 Trọng:1 Đình:2 Hải:2",
    ("female", "old"): "Thị:86 Ngọc:2 Kim:2 Thu:1 Hồng:2 Thanh:1 Bích:1 Xuân:1 Mỹ:1 Minh:1",
    ("female", "mid"): "Thị:66 Ngọc:4 Thanh:4 Thu:4 Kim:3 Hồng:4 Bích:2 Mỹ:2 Phương:2 Minh:2 "
    "Thúy:2 Tuyết:1 Hoài:1 Ánh:1 Lan:1 Thùy:1",
    ("female", "young"): "Thị:18 Ngọc:9 Thanh:5 Thu:5 Phương:5 Thùy:4 Minh:6 Bảo:6 Khánh:5 Hồng:3 "
    "Mai:3 Quỳnh:4 Kim:3 Hoài:2 Diệu:2 Cẩm:1 Gia:3 Hà:3 Tú:2 Trúc:2 Yến:2 Mỹ:2 Thảo:2 Tuệ:1 An:2 "
    "Hoàng:2 Nhã:1 Ánh:1 Bích:1 Linh:1 Tường:1 Thiên:1",
}

GIVEN: Final = {
    ("male", "old"): "Hùng Thành Bình Minh Hải Sơn Thắng Dũng Long Tâm Hòa Lợi Phúc Đức Tân Quang "
    "Chiến Vinh Thanh An Bảy Tư Năm Sáu Chín Út Ba Hai Khoa Kiên Nam Nghĩa Nhân Phương Quý Sinh "
    "Tài Thịnh Thọ Tiến Toàn Trung Tùng Xuân Việt Ba Bồng Cảnh Chính Chung Cường Đạt Điền Đông "
    "Được Hiền Hiệp Hoan Hoạt Học Hợi Hưng Huy Khôi Kỳ Lâm Lập Liêm Lộc Luân Luyện Mão Mạnh Mùi "
    "Ngọ Ngọc Nhuận Ninh Phong Phú Quyền Quyết Rạng Sửu Tấn Thạch Thái Thân Thìn Thông Thuận Thức "
    "Tín Toán Trọng Trực Tuất Vân Vượng Xứng",
    ("male", "mid"): "Hùng Dũng Tuấn Hải Sơn Minh Cường Thắng Thành Nam Bình Trung Long Hưng Tùng "
    "Hà Quang Đức Anh Toàn Tâm Phong Linh Hòa Vinh Kiên Phương Quân Tú Việt Huy Hiếu Lâm Mạnh "
    "Nghĩa Phúc Quý Tài Tiến Thanh Thịnh Thọ Bảo Chiến Chung Công Cảnh Dương Đại Đạt Định Đông "
    "Giang Hậu Hiền Hiệp Hoàn Hoàng Hợp Khánh Khoa Lợi Lực Luân Lượng Năng Nhật Ninh Phú Quốc "
    "Quyền Quyết Sỹ Tân Thái Thạo Thiện Thuận Thương Tình Tĩnh Tính Tỉnh Trí Trường Trọng Tuyên "
    "Vũ Vương Xuân",
    ("male", "young"): "Tuấn Hoàng Huy Anh Hiếu Hùng Nam Sơn Đức Dũng Bảo Khoa Khang Phúc Minh "
    "Nhân Phát Duy Đạt Long Quân Khôi Thịnh Trung Tú Việt Phong Quang Hải Lâm Kiệt Thành Nguyên "
    "Bình Linh Tùng Cường Hưng Vũ Thắng Tài Trí Tâm Toàn Lộc Nghĩa Hào Thiện Vinh An Ân Bách Bằng "
    "Cảnh Chiến Công Danh Dương Đăng Đại Định Đông Giang Hậu Hiển Hòa Huân Kha Khải Khánh Khiêm "
    "Kiên Kỳ Lợi Luân Mạnh Nhật Phi Phú Phước Quốc Quý Quyền Sang Tân Tấn Thái Thanh Thiên Thông "
    "Thuận Tiến Tín Tín Triết Triều Trọng Trường Tuyên Uy Văn Vĩ Vương Vỹ Ý",
    ("female", "old"): "Lan Hoa Mai Hồng Hương Nga Liên Thanh Hòa Bình Cúc Đào Huệ Xuân Thu Sen "
    "Loan Phượng Tâm Hiền Hạnh Hợi Lý Lợi Mùi Minh Nguyệt Nhung Phúc Tuyết Vân Yến Thảo Thơm Thìn "
    "Tý Sửu Dần Mão Ngọ Thân Dậu Tuất Bé Ba Tư Năm Sáu Bảy Tám Chín Út Hai Chắt Gái Hằng Hảo Hường "
    "Khuyên Kim Là Lành Lài Liễu Luyến Lựu Mận Miền Mít Mơ Năng Ngát Ngân Ngọc Nhàn Nhị Như Oanh "
    "Quế Quy Quý Quyên Sâm Thoa Thắm Thế Thịnh Thoan Thuận Thục Thúy Thủy Tình Tươi Tuyến Vui Vững",
    ("female", "mid"): "Hương Hà Lan Hoa Hằng Thủy Nga Hạnh Huyền Hiền Mai Thu Hồng Phương Loan "
    "Liên Dung Oanh Yến Vân Thanh Nhung Thúy Hường Tuyết Nguyệt Tâm Hòa Bình Anh Linh Trang Thảo "
    "Ngọc Ngân Minh Lý Lệ Kim Huệ Hoài Giang Duyên Diệp Cúc Chi Châu Bích Xuân Việt Vui Tuyến Tú "
    "Tươi Trinh Trâm Thương Thuận Thoa Thơm Thắm Sen Quyên Quế Phượng Phúc Nụ Như Nhàn Nhạn "
    "Ngát Nết Na My Mến Mận Lương Lụa Luyến Lợi Liễu Lành Khuyên Hợi Hợp Hậu Hảo Gấm Đào Đông Dậu",
    ("female", "young"): "Trang Thảo Linh Anh Phương Hằng Huyền Hiền Hương Ngọc Ngân Nhi Vy My Hà "
    "Trâm Như Quỳnh Trinh Thư Yến Mai Uyên Ly Hân Châu Chi Nhung Vân Oanh Dung Thủy Hạnh Loan Tâm "
    "Thúy Thy Tiên Trúc Tuyền Duyên Giang Diệp Diễm Khánh Hoa Hòa Hồng Lan Lam Liên Loan Minh Nga "
    "Nguyên Nguyệt Nhiên Nữ Phụng Phượng Quyên Sương Tú Tuyết Thanh Thi Thoa Thơ Thu Thương Trà "
    "Trân Tường Vi Xuân Ái An Ánh Ân Bích Cẩm Dương Đan Đào Điệp Gấm Hảo Hậu Hoài Huệ Khuê "
    "Kiều Kim Lệ Lưu Mẫn Mỹ Na Nhàn Nhã Thắm Thùy Tuệ Vui Ý",
}

#: Highland given names by sex; the mark (Y, H', K', Ka, A) comes before them.
HIGHLAND_GIVEN: Final = {
    "male": "Blim Bhôk Djuang Dhun Hăng Jônh Krang Lâm Nguyên Phong Quang Rin Săm Thắng Tin Wel",
    "female": "Blô Bliă Dơn Hoa Hương Juên Kiều Linh Lan Mai Ngân Nga Phương Rim Thủy Vân Yên Yuôl",
}
HIGHLAND_CLANS: Final = "Niê Êban Mlô Ayun Knul Kbuôr Byă Kpă Siu Rơ Ksor Hmok Ênuôl Adrơng"

#: Nationality -> (share, male and female family-first names in Latin capitals).
FOREIGN: Final = {
    "Hàn Quốc": (
        35,
        "KIM LEE PARK CHOI JUNG KANG",
        "MIN JUN|SEO YEON|JI HO|HYUN WOO|SOO JIN|EUN JI",
    ),
    "Trung Quốc": (25, "WANG LI ZHANG LIU CHEN YANG", "WEI|FANG|XIAO MING|JIAN GUO|LI NA|YU HAN"),
    "Nhật Bản": (15, "SATO SUZUKI TANAKA ITO ABE", "HIROSHI|YUKI|KENJI|HARUKA|TAKESHI|NAOMI"),
    "Lào": (7, "PHOMMA SISOULITH VONGSA KEO", "SOMCHAI|BOUNMY|KHAMLA|NOY|PHET|SENG"),
    "Campuchia": (6, "SOK CHEA KEO CHHIM", "SOPHEA|DARA|BOREY|SREYMOM|VIBOL|CHANTHA"),
    "Hoa Kỳ": (7, "SMITH JOHNSON BROWN DAVIS", "JAMES ALAN|MARY ANN|ROBERT|LINDA|DAVID|SUSAN"),
    "Ấn Độ": (5, "SINGH KUMAR SHARMA PATEL", "RAJESH|PRIYA|AMIT|SUNITA|VIJAY|ANJALI"),
}
