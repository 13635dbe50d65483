# Deploys what `switchback synth --out DIR` wrote: copies the assets into a bucket of yours and creates the stack.
# Nobody has applied this yet: it parses, it is formatted, and its parameters are those of the template (README.md).

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

locals {
  template = "${var.directory}/template.json"
}

data "aws_s3_bucket" "assets" {
  bucket = var.bucket
}

# Each asset's name says what is in it. What a release no longer needs is deleted after the stack was updated: an update
# that fails rolls back to the functions of the release before, and finds them here.
resource "aws_s3_object" "asset" {
  for_each = fileset("${var.directory}/assets", "*.zip")

  bucket = data.aws_s3_bucket.assets.id
  key    = "${var.prefix}${each.value}"
  source = "${var.directory}/assets/${each.value}"

  lifecycle {
    create_before_destroy = true
  }
}

# Named by its content too, so that another template is another URL, which is what updates the stack.
resource "aws_s3_object" "template" {
  bucket = data.aws_s3_bucket.assets.id
  key    = "${var.prefix}template-${filesha256(local.template)}.json"
  source = local.template

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudformation_stack" "switchback" {
  name         = var.name
  template_url = "https://${data.aws_s3_bucket.assets.bucket_regional_domain_name}/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_NAMED_IAM"]
  tags         = var.tags

  parameters = {
    AssetsBucket = data.aws_s3_bucket.assets.id
    AssetsPrefix = var.prefix
  }

  depends_on = [aws_s3_object.asset]

  timeouts {
    create = "60m"
    update = "60m"
    delete = "60m" # Lambda keeps the canaries' network interfaces for up to 40 minutes.
  }
}
