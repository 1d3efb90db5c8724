"""Streets, hamlets and firms of an invented country; the names are the usual ones."""

from __future__ import annotations

from typing import Final

STREETS: Final = (
    "Trần Hưng Đạo|Lê Lợi|Nguyễn Huệ|Lý Thường Kiệt|Quang Trung|Nguyễn Trãi|Hai Bà Trưng|"
    "Phan Chu Trinh|Phan Bội Châu|Lê Duẩn|Hùng Vương|Điện Biên Phủ|Cách Mạng Tháng Tám|Nguyễn Du|"
    "Trần Phú|Ngô Quyền|Lê Hồng Phong|Nguyễn Thị Minh Khai|Hoàng Diệu|Bạch Đằng|Võ Thị Sáu|"
    "Nguyễn Đình Chiểu|Lý Tự Trọng|Trường Chinh|Giải Phóng|Láng Hạ|Phạm Văn Đồng|Tôn Đức Thắng|"
    "Nguyễn Văn Cừ|Đinh Tiên Hoàng|Bà Triệu|Lê Thánh Tông|Hàm Nghi|Nguyễn Công Trứ|Chu Văn An|"
    "Trần Quang Khải|Phạm Ngũ Lão|Yết Kiêu|Hoàng Hoa Thám|Kim Mã|Cầu Giấy|Xuân Thủy|Lạc Long Quân|"
    "Âu Cơ|Tố Hữu|Nguyễn Tất Thành|30 Tháng 4|19 Tháng 5|Lê Lai|Phùng Hưng"
)
HAMLETS: Final = (
    "Đông|Đoài|Trung|Thượng|Hạ|Bình An|Tân Lập|Tân Tiến|Phú Lợi|Hòa Bình|Đồng Tâm|An Thịnh|"
    "Thanh Sơn|Phú Mỹ|Long Thạnh|Vĩnh Phước|Tân Hòa|Xuân Lộc|Yên Phú|Mỹ Thuận|Đại Thành|Kim Sơn|"
    "Nam Sơn|Bắc Sơn|Trường Xuân|Quyết Thắng|Tiền Phong|Liên Hiệp|Cầu Đá|Gò Me|Bờ Hồ|Nà Ngà|"
    "Nà Lốc|Pác Bó|Khe Sanh|Chợ Cũ"
)
COMPANIES: Final = (
    "CÔNG TY TNHH|CÔNG TY CỔ PHẦN|CÔNG TY TNHH MTV|HỢP TÁC XÃ|DOANH NGHIỆP TƯ NHÂN|UBND XÃ|"
    "CÔNG TY TNHH THƯƠNG MẠI DỊCH VỤ|CÔNG TY CP VẬN TẢI|TRƯỜNG TIỂU HỌC|CHI NHÁNH CÔNG TY TNHH"
)
TRADES: Final = (
    "MINH PHÁT|HOÀNG GIA|AN BÌNH|THÀNH ĐẠT|PHƯƠNG NAM|ĐẠI LỘC|TÂN TIẾN|VIỆT HƯNG|PHÚ THỊNH|"
    "SAO MAI|KIM LONG|TRƯỜNG SƠN|HẢI ÂU|BẮC HÀ|HÙNG VƯƠNG|NAM VIỆT|ĐÔNG Á|TOÀN CẦU|QUANG MINH"
)
